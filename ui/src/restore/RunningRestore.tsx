/** Step 6: it runs. Stages, counts, time left; the window may be closed. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { cancelJob, type JobView, type Stage } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { JobProgress } from "../shared/JobProgress";
import { StatusGlyph } from "../shared/StatusGlyph";
import { planAt } from "./plans";
import css from "./RunningRestore.module.css";
import { writeCount } from "./stepWords";
import { WizardPage } from "./WizardPage";

const stages = ["preparing", "saving", "writing", "verifying"] as const;
const order: Record<Stage, number> = {
  preparing: 0,
  reading: 0,
  comparing: 0,
  saving: 1,
  writing: 2,
  verifying: 3,
  finishing: 4,
};

function Stages({ job }: { job: JobView }) {
  const { t } = useTranslation();
  const at = job.state === "running" ? order[job.progress?.stage ?? "preparing"] : -1;
  return (
    <ol className={css.stages}>
      {stages.map((stage, index) => {
        const status = index < at ? "complete" : index === at ? "running" : "none";
        return (
          <li key={stage} data-status={status} {...(status === "running" ? { "aria-current": "step" as const } : {})}>
            <StatusGlyph status={status} label />
            <span>{t(`restore:run.stage.${stage}`)}</span>
            <span className="note">{t(`restore:run.stageLine.${stage}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The page of a restore, an undo or a resumed restore while it waits or runs. */
export function RunningRestore({ job, undo, onClose }: { job: JobView; undo: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const plan = planAt((job.request as { path?: string } | null)?.path);
  const writing = job.progress?.stage === "writing" ? job.progress.itemsTotal : null;
  const total = plan ? writeCount(plan.counts) : writing;
  const kind = undo ? "undo" : "restore";
  return (
    <WizardPage
      step={5}
      question={total ? t(`restore:run.${kind}N`, { count: total, n: count(total) }) : t(`restore:run.${kind}`)}
      line={t("restore:run.line")}
      onClose={onClose}
      source={plan?.source ?? null}
      scope={t("restore:run.cancelLine")}
      buttons={
        <Button onClick={() => setAsking(true)} disabled={job.cancelling}>
          {t(job.cancelling ? "common:job.cancelling" : "restore:run.cancel")}
        </Button>
      }
    >
      <div className={`card ${css.progress}`}>
        <JobProgress job={job} cancel={false} />
        <Stages job={job} />
      </div>
      <ConfirmDialog
        opened={asking}
        title={t(`restore:run.cancelTitle.${kind}`)}
        confirmLabel={t("restore:run.cancelYes")}
        cancelLabel={t("restore:run.cancelNo")}
        onConfirm={() => cancelJob(job.id)}
        onClose={() => setAsking(false)}
      >
        {t("restore:run.cancelText")}
      </ConfirmDialog>
    </WizardPage>
  );
}
