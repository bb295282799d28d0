/** Cancels a job. Where something is given up by that, it asks first and says what stays. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { cancelJob } from "../api";
import type { JobView } from "../api/generated";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "./ConfirmDialog";
import { jobName, jobSubject } from "./jobName";

/** What is said before these commands are cancelled; the others give nothing up. */
const asks: Record<string, "backup" | "restore"> = {
  backup: "backup",
  "restore.run": "restore",
  "restore.resume": "restore",
  "restore.undo": "restore",
};

/** Of a plan's tasks only the backup gives something up. */
function asksFirst(job: JobView): "backup" | "restore" | undefined {
  if (job.command !== "plan.run") {
    return asks[job.command];
  }
  const { task } = (job.request ?? {}) as { task?: unknown };
  return task == null || task === "backup" ? "backup" : undefined;
}

/** The button, and the question behind it. */
export function CancelJob({ job }: { job: JobView }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  if (job.state === "done") {
    return null;
  }
  const what = job.state === "running" ? asksFirst(job) : undefined;
  return (
    <>
      <Button
        size="compact-sm"
        disabled={job.cancelling}
        onClick={() => (what ? setAsked(true) : void cancelJob(job.id))}
      >
        {t(what ? "common:action.cancelAsk" : "common:action.cancel")}
      </Button>
      {what && (
        <ConfirmDialog
          opened={asked}
          title={t("common:cancel.title", { name: jobSubject(job) ?? jobName(job, t) })}
          confirmLabel={t(`common:cancel.${what}Yes`)}
          cancelLabel={t("common:cancel.no")}
          onConfirm={() => cancelJob(job.id)}
          onClose={() => setAsked(false)}
        >
          {t(`common:cancel.${what}`)}
        </ConfirmDialog>
      )}
    </>
  );
}
