/** What can be done with a run: look at what it saved, restore from it, take it back, go on with it, try it again. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asError, type BackstayError, type RunRow, startJob, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { moment } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";

/** Buttons for the head of the page. Failures go to `onError`, which shows them in the page. */
export function RunActions({ run, onError }: { run: RunRow; onError: (error: BackstayError | null) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  // The report lives with its job, as long as this process does.
  const report = useJobs().find((job) => job.run === run.id && job.command.startsWith("restore."));
  const saved = run.kind === "backup" && run.snapshot;
  const again = run.kind === "backup" && run.source && run.verdict && run.verdict !== "complete";
  const start = async (act: () => Promise<string>) => {
    setBusy(true);
    onError(null);
    try {
      await navigate(await act());
    } catch (thrown) {
      onError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const tryAgain = () =>
    start(async () => {
      await startJob("backup", { sources: [run.source ?? ""], vaults: run.vault ? [run.vault] : [] });
      return paths.activity();
    });
  const goOn = () => start(async () => paths.restoreJob((await startJob("restore.resume", { run: run.id })).id));
  const undo = async () => {
    const job = await startJob("restore.undo", { run: run.id, policy: "skip" });
    await navigate(paths.restoreJob(job.id));
  };
  return (
    <>
      {again && (
        <Button loading={busy} onClick={() => void tryAgain()}>
          {t(run.verdict === "partial" ? "activity:run.tryGaps" : "common:action.retry")}
        </Button>
      )}
      {run.canResume && (
        <Button variant="filled" loading={busy} onClick={() => void goOn()}>
          {t("activity:run.continue")}
        </Button>
      )}
      {report && (
        <Button component={Link} to={paths.restoreJob(report.id)}>
          {t("activity:run.report")}
        </Button>
      )}
      {run.canUndo && <Button onClick={() => setAsked(true)}>{t("activity:run.undo")}</Button>}
      {saved && (
        <>
          <Button component={Link} to={paths.browser({ snapshot: run.snapshot ?? "", vault: run.vault ?? null })}>
            {t("common:action.browse")}
          </Button>
          <Button
            component={Link}
            to={paths.restore({ snapshot: run.snapshot ?? "", ...(run.vault ? { vault: run.vault } : {}) })}
          >
            {t("common:action.restore")}
          </Button>
        </>
      )}
      <ConfirmDialog
        opened={asked}
        title={t("activity:run.undoTitle", { name: run.source ?? "" })}
        confirmLabel={t("activity:run.undoYes")}
        cancelLabel={t("activity:run.undoNo")}
        onConfirm={undo}
        onClose={() => setAsked(false)}
      >
        {t("activity:run.undoText", { time: moment(run.started, now) })}
      </ConfirmDialog>
    </>
  );
}
