/** Says aloud how jobs go: every tenth of the way, and how they ended. Only what failed interrupts. */
import { useEffect, useRef } from "react";
import { useJobs } from "../api";
import { useTranslation } from "../i18n";
import { jobShare } from "../shared/JobProgress";
import { jobName } from "../shared/jobName";
import { announce } from "../shared/live";

/** Speaks for all jobs, on whatever page. */
export function useJobVoice(): void {
  const { t } = useTranslation();
  const jobs = useJobs();
  const known = useRef(new Map<string, string>());
  useEffect(() => {
    for (const job of jobs) {
      const share = jobShare(job);
      const tenth = share === undefined ? 0 : Math.floor(share * 10);
      const state = job.state === "done" ? "done" : String(tenth);
      const before = known.current.get(job.id);
      known.current.set(job.id, state);
      // A job first seen when it had ended long ago is no news.
      if (before === undefined || before === state) {
        continue;
      }
      const name = jobName(job, t);
      if (state === "done") {
        const verdict = job.verdict ?? (job.error ? "failed" : "complete");
        announce(
          t("common:job.ended", { name, verdict: t(`common:status.${verdict}`) }),
          verdict === "failed" ? "assertive" : "polite",
        );
      } else if (tenth > 0) {
        announce(t("common:job.tenth", { name, percent: `${tenth * 10} %` }));
      }
    }
  }, [jobs, t]);
}
