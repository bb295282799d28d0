/** Running a plan and saving it: the two ways out of a preview. */
import { type ReactNode, useState } from "react";
import { asError, type BackstayError, call, startJob } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { platform } from "../platform";
import { ConfirmDialog } from "../shared/ConfirmDialog";

/** What a preview can do with a plan. */
export interface Running {
  /** Starts it; gives the job. A plan that deletes asks first, and gives nothing when the answer is no. */
  start: (path: string, deletes: number) => Promise<string | null>;
  /** Saves it where the person says; gives the place. */
  save: (path: string, source: string | null) => Promise<string | null>;
  busy: boolean;
  error: BackstayError | null;
  dialog: ReactNode;
}

interface Question {
  path: string;
  deletes: number;
  answer: (job: string | null) => void;
}

/** See {@link Running}. */
export function useRun(): Running {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const [asked, setAsked] = useState<Question | null>(null);

  const tryTo = async <T,>(work: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setError(null);
    try {
      return await work();
    } catch (thrown) {
      setError(asError(thrown));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const run = (path: string) => tryTo(async () => (await startJob("restore.run", { path })).id);
  const start = (path: string, deletes: number) =>
    deletes === 0 ? run(path) : new Promise<string | null>((answer) => setAsked({ path, deletes, answer }));
  const save = (path: string, source: string | null) =>
    tryTo(async () => {
      const suggested = `${source ?? "Backstay"}.plan.ndjson`;
      const to = await platform().shell("shell.saveFile", { title: t("restore:preview.saveTitle"), suggested });
      return to ? (await call("restore.savePlan", { path, to })).path : null;
    });
  const dialog = (
    <ConfirmDialog
      opened={asked !== null}
      title={t("restore:deletes.title", { count: asked?.deletes ?? 0, n: count(asked?.deletes ?? 0) })}
      confirmLabel={t("restore:deletes.yes", { n: count(asked?.deletes ?? 0) })}
      typed={String(asked?.deletes ?? 0)}
      onConfirm={async () => asked?.answer(await run(asked.path))}
      onClose={() => {
        asked?.answer(null);
        setAsked(null);
      }}
    >
      {t("restore:deletes.line")}
    </ConfirmDialog>
  );
  return { start, save, busy, error, dialog };
}
