/** How far a job is: stage, items, bytes, rate, time left, Cancel. Without a known length it counts and shows no bar. */
import { Progress } from "@mantine/core";
import type { JobView } from "../api/generated";
import { useTranslation } from "../i18n";
import { bytes, count, duration, percent, rate } from "../i18n/format";
import { CancelJob } from "./CancelJob";
import css from "./JobProgress.module.css";
import { jobName } from "./jobName";
import { jobStatus, StatusGlyph } from "./StatusGlyph";

/** Part of the work done, 0 to 1; absent while the length is unknown. */
export function jobShare(job: JobView): number | undefined {
  const progress = job.progress;
  if (!progress || job.state !== "running") {
    return undefined;
  }
  if (progress.bytesTotal) {
    return Math.min(1, progress.bytes / progress.bytesTotal);
  }
  return progress.itemsTotal ? Math.min(1, progress.items / progress.itemsTotal) : undefined;
}

/** Stage or what is waited for, in words. */
export function useJobLine(job: JobView): string {
  const { t } = useTranslation();
  if (job.state === "waiting") {
    const key = { job: "waitsForJob", pause: "waitsForPause", otherProcess: "waitsForOther" }[job.waitingFor ?? ""];
    return t(`common:job.${key ?? "waits"}`);
  }
  if (job.cancelling && job.state !== "done") {
    return t("common:job.cancelling");
  }
  const stage = job.progress?.stage;
  return stage ? t(`common:job.stage.${stage}`) : t("common:job.stage.preparing");
}

/** Progress of one job, large: on pages. */
export function JobProgress({ job, cancel = true }: { job: JobView; cancel?: boolean }) {
  const { t } = useTranslation();
  const name = jobName(job, t);
  const line = useJobLine(job);
  const share = jobShare(job);
  const progress = job.progress;
  const facts = [
    progress && progress.items > 0
      ? progress.itemsTotal
        ? t("common:job.itemsOf", { n: count(progress.items), total: count(progress.itemsTotal) })
        : t("common:job.items", { count: progress.items, n: count(progress.items) })
      : "",
    progress && progress.bytes > 0
      ? progress.bytesTotal
        ? t("common:job.bytesOf", { n: bytes(progress.bytes), total: bytes(progress.bytesTotal) })
        : bytes(progress.bytes)
      : "",
    job.bytesPerSecond && job.state === "running" ? rate(job.bytesPerSecond) : "",
    job.secondsLeft != null && job.state === "running"
      ? t("common:time.left", { time: duration(job.secondsLeft) })
      : "",
  ].filter(Boolean);
  return (
    <section className={css.job} aria-label={name} data-job={job.id}>
      <div className={css.head}>
        <StatusGlyph status={jobStatus(job)} size={18} />
        <span className="strong clip">{name}</span>
        {share !== undefined && <span className={css.share}>{percent(share, 1)}</span>}
        {cancel && <CancelJob job={job} />}
      </div>
      {share !== undefined && (
        <Progress value={share * 100} aria-label={t("common:job.progress", { name })} className={css.bar} />
      )}
      <div className={css.facts}>
        <span>{line}</span>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {progress?.current && job.state === "running" && (
        <div className={`${css.current} clip mono`}>{progress.current}</div>
      )}
    </section>
  );
}
