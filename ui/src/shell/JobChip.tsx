/** The job that runs, small, at the foot of the side bar. It leads to Activity. */
import { Progress, RingProgress, Tooltip } from "@mantine/core";
import { Link } from "react-router";
import { type JobView, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { duration, percent } from "../i18n/format";
import { jobShare, useJobLine } from "../shared/JobProgress";
import { jobName, jobSubject } from "../shared/jobName";
import { paths } from "../shared/paths";
import { StatusGlyph } from "../shared/StatusGlyph";
import css from "./JobChip.module.css";

/** The running job, and how many more there are. Nothing when nothing runs. */
export function JobChip({ wide }: { wide: boolean }) {
  const open = useJobs().filter((job) => job.state !== "done");
  const first = open.find((job) => job.state === "running") ?? open[0];
  return first ? <Chip job={first} more={open.length - 1} wide={wide} /> : null;
}

function Chip({ job, more, wide }: { job: JobView; more: number; wide: boolean }) {
  const { t } = useTranslation();
  const line = useJobLine(job);
  const share = jobShare(job);
  const name = jobName(job, t);
  const subject = jobSubject(job);
  const left =
    job.secondsLeft != null && job.state === "running"
      ? t("common:time.left", { time: duration(job.secondsLeft) })
      : "";
  const facts = [line, left, more > 0 ? t("common:job.more", { count: more, n: more }) : ""]
    .filter(Boolean)
    .join(" · ");
  const spoken = [name, share === undefined ? "" : percent(share, 1), facts].filter(Boolean).join(", ");
  if (!wide) {
    return (
      <Tooltip label={spoken} position="right">
        <Link to={paths.activity()} className={css.small} aria-label={spoken} data-region>
          {share === undefined ? (
            <StatusGlyph status="running" size={18} />
          ) : (
            <RingProgress
              size={26}
              thickness={3}
              sections={[{ value: share * 100, color: "var(--bs-running-mark)" }]}
            />
          )}
        </Link>
      </Tooltip>
    );
  }
  return (
    <Link to={paths.activity()} className={css.chip} data-region>
      <span className={css.head}>
        <StatusGlyph status={job.state === "running" ? "running" : "paused"} size={13} />
        <span className="strong clip">
          {subject && <span className="visually-hidden">{name.replace(subject, "")}</span>}
          {subject ?? name}
        </span>
        {share !== undefined && <span className={css.share}>{percent(share, 1)}</span>}
      </span>
      {share !== undefined && <Progress value={share * 100} size={4} aria-hidden />}
      <span className={`${css.facts} clip`}>{facts}</span>
    </Link>
  );
}
