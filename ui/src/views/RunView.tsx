/** One run: how it ended and what that means, what is missing, what it did, and the ways on. */
import { useState } from "react";
import { useParams } from "react-router";
import { GapsTable } from "../activity/GapsTable";
import { RunActions } from "../activity/RunActions";
import { RunEvents, RunNumbers, RunTerminal } from "../activity/RunFacts";
import { RunNote } from "../activity/RunNote";
import css from "../activity/run.module.css";
import { runSeconds, runStatus, runWord } from "../activity/words";
import { type BackstayError, type RunDetail, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count, duration, moment } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import { VerdictPill } from "../shared/VerdictPill";

function Known({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const now = useNow();
  const [error, setError] = useState<BackstayError | null>(null);
  const { run } = detail;
  const gaps = Math.max(run.gaps ?? 0, detail.gaps.length);
  const seconds = runSeconds(run);
  const about = run.source
    ? { label: run.source, to: paths.source(run.source) }
    : run.vault
      ? { label: run.vault, to: paths.vault(run.vault) }
      : null;
  const line = [
    detail.items > 0 ? t("common:job.items", { count: detail.items, n: count(detail.items) }) : "",
    detail.bytes > 0 ? bytes(detail.bytes) : "",
    seconds === undefined ? "" : duration(seconds),
    run.source && run.vault ? run.vault : "",
    run.plan ? t("activity:run.ofPlan", { plan: run.plan }) : "",
  ];
  return (
    <>
      <PageHeader
        title={t(`activity:run.title.${run.kind}`, { time: moment(run.started, now) })}
        crumbs={[{ label: t("activity:title"), to: paths.activity() }, ...(about ? [about] : [])]}
        state={<VerdictPill status={runStatus(run)} word={runWord(run, t)} gaps={gaps} />}
        line={line.filter(Boolean).join(" · ")}
        actions={<RunActions run={run} onError={setError} />}
      />
      {error && <ErrorNote error={error} />}
      <RunNote detail={detail} />
      {detail.gaps.length > 0 && <GapsTable gaps={detail.gaps} total={gaps} />}
      <div className={css.columns}>
        <div className={css.column}>
          <RunEvents detail={detail} />
          <RunTerminal detail={detail} />
        </div>
        <RunNumbers detail={detail} />
      </div>
    </>
  );
}

/** The page. */
export default function RunView() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const query = useCall("run.list", { id }, { silent: true });
  const detail = query.data?.detail;
  return (
    <Page>
      {detail ? (
        <Known key={detail.run.id} detail={detail} />
      ) : (
        <>
          <PageHeader title={t("activity:run.some")} crumbs={[{ label: t("activity:title"), to: paths.activity() }]} />
          <ListStates query={query} isEmpty={() => true} empty={<Empty title={t("activity:run.gone")} />}>
            {() => null}
          </ListStates>
        </>
      )}
    </Page>
  );
}
