/** How a run ended, in a sentence; what it means; and where the last good copy lies when this one is none. */
import { Link } from "react-router";
import { type RunDetail, useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { JobProgress } from "../shared/JobProgress";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import css from "./run.module.css";
import { runGroup, runStatus } from "./words";

/** The newest complete backup of a source, linked. */
function LastGood({ source }: { source: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const query = useCall("run.list", { source, kind: "backup", verdict: "complete", limit: 1 }, { silent: true });
  const good = query.data?.runs[0];
  if (!query.data) {
    return null;
  }
  if (!good?.snapshot) {
    return <p>{t("activity:note.noGood")}</p>;
  }
  return (
    <p>
      {t("activity:note.lastGood", { time: moment(good.started, now) })}{" "}
      <Link className={css.inText ?? ""} to={paths.browser({ snapshot: good.snapshot, vault: good.vault ?? null })}>
        {t("activity:note.openGood")}
      </Link>
    </p>
  );
}

/** The note. A run that still works shows its progress instead. */
export function RunNote({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const { run } = detail;
  const job = useJobs().find((one) => one.run === run.id && one.state !== "done");
  if (!run.verdict) {
    return job ? (
      <JobProgress job={job} />
    ) : (
      <Note status="running" title={t("activity:note.running")}>
        {t("activity:note.runningLine")}
      </Note>
    );
  }
  const gaps = Math.max(run.gaps ?? 0, detail.gaps.length);
  const group = runGroup(run.kind);
  const title = t(`activity:note.${group}.${run.verdict}`, { count: gaps, n: count(gaps) });
  const lost = run.kind === "backup" && (run.verdict === "failed" || run.verdict === "cancelled");
  return (
    <Note status={runStatus(run)} title={title}>
      {run.reason && run.verdict !== "complete" && <p>{run.reason[1]}</p>}
      <p>{t(`activity:note.${group}.${run.verdict}Line`)}</p>
      {lost && run.source && <LastGood source={run.source} />}
    </Note>
  );
}
