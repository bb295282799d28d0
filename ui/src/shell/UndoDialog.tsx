/** Ctrl Z: offers to undo the last restore. It asks first, and leaves text fields alone. */
import { useState } from "react";
import { useNavigate } from "react-router";
import { call, type RunRow, startJob } from "../api";
import { useTranslation } from "../i18n";
import { moment } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";

/** The last restore that can be undone, among the newest runs. */
async function lastRestore(): Promise<RunRow | undefined> {
  const { runs } = await call("run.list", { limit: 200 }, { silent: true });
  return runs.find((run) => run.canUndo);
}

/** The question; nothing until Ctrl Z was pressed and there is something to undo. */
export function UndoDialog() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [run, setRun] = useState<RunRow | null>(null);
  useShortcut(
    "Ctrl Z",
    t("shell:keys.undo"),
    () => {
      void lastRestore()
        .then((found) => setRun(found ?? null))
        .catch(() => undefined);
    },
    { group: "global", outsideText: true },
  );
  const undo = async () => {
    if (run) {
      const job = await startJob("restore.undo", { run: run.id, policy: "skip" });
      await navigate(paths.restoreJob(job.id));
    }
  };
  return (
    <ConfirmDialog
      opened={run !== null}
      title={t("shell:undo.title", { source: run?.source ?? "" })}
      confirmLabel={t("shell:undo.yes")}
      cancelLabel={t("shell:undo.no")}
      onConfirm={undo}
      onClose={() => setRun(null)}
    >
      {run && t("shell:undo.text", { time: moment(run.started) })}
    </ConfirmDialog>
  );
}
