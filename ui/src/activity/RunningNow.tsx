/** What runs now, what waits and for what, what did not get as far as a run; and the pause that holds all of it. */
import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import {
  asError,
  BackstayError,
  call,
  dismissJob,
  type JobView,
  loadJobs,
  pauseJobs,
  useJobs,
  usePausedUntil,
} from "../api";
import { useTranslation } from "../i18n";
import { moment } from "../i18n/format";
import { CancelJob } from "../shared/CancelJob";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress, useJobLine } from "../shared/JobProgress";
import { jobName } from "../shared/jobName";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import css from "./activity.module.css";

function Waiting({ job }: { job: JobView }) {
  const { t } = useTranslation();
  const line = useJobLine(job);
  return (
    <div role="group" className={css.waiting} aria-label={jobName(job, t)}>
      <StatusGlyph status="none" size={18} label={t("common:status.waiting")} />
      <span className={css.grow}>
        <span className="strong">{jobName(job, t)}</span> <span className="quiet">{line}</span>
      </span>
      <CancelJob job={job} />
    </div>
  );
}

/** A job that failed before it became a run: nothing else on this page tells of it. */
function Fallen({ job }: { job: JobView }) {
  const { t } = useTranslation();
  const name = jobName(job, t);
  if (!job.error) {
    return null;
  }
  return (
    <div className={css.fallen}>
      <ErrorNote error={new BackstayError(job.error)} title={t("activity:now.failed", { name })} tight />
      <ActionIcon aria-label={t("activity:now.dismiss", { name })} onClick={() => void dismissJob(job.id)}>
        <IconX size="1rem" />
      </ActionIcon>
    </div>
  );
}

/** Holds everything back that has not begun, whoever would begin it: what waits here, and the plans of every process. */
export async function pauseAll(until: string | null): Promise<void> {
  await Promise.all([pauseJobs(until), call("plan.pause", { until })]);
}

/** The notice that nothing starts, and the way to end that. */
export function PausedNote() {
  const { t } = useTranslation();
  const now = useNow();
  const until = usePausedUntil();
  const [error, setError] = useState<BackstayError | null>(null);
  // The tray may have paused while another page, or another program, was looked at.
  useEffect(() => {
    const look = () => void loadJobs().catch(() => undefined);
    look();
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, []);
  if (!until || Date.parse(until) <= now.getTime()) {
    return null;
  }
  const resume = () => void pauseAll(null).catch((thrown: unknown) => setError(asError(thrown)));
  return (
    <Note
      status="paused"
      title={t("activity:paused.title", { time: moment(until, now) })}
      actions={<Button onClick={resume}>{t("activity:paused.resume")}</Button>}
    >
      {t("activity:paused.line")}
      {error && <ErrorNote error={error} tight />}
    </Note>
  );
}

/** The list; nothing while nothing runs, waits or fell. */
export function RunningNow() {
  const { t } = useTranslation();
  const jobs = useJobs();
  const running = jobs.filter((job) => job.state === "running");
  const waiting = jobs.filter((job) => job.state === "waiting");
  const fallen = jobs.filter((job) => job.state === "done" && job.error && !job.run && job.verdict !== "cancelled");
  if (running.length + waiting.length + fallen.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="running-now" className={css.section}>
      <h2 id="running-now">{t("activity:now.title")}</h2>
      <div className={`card ${css.jobs}`}>
        {running.map((job) => (
          <div key={job.id} className={css.job}>
            <JobProgress job={job} />
            {job.command.startsWith("restore.") && (
              <Link to={paths.restoreJob(job.id)}>{t("activity:now.showRestore")}</Link>
            )}
          </div>
        ))}
        {waiting.map((job) => (
          <Waiting key={job.id} job={job} />
        ))}
        {fallen.map((job) => (
          <Fallen key={job.id} job={job} />
        ))}
      </div>
    </section>
  );
}
