/** Restore drills of a source: how long it takes to get everything back, how much could be lost, and every try so far. */
import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link } from "react-router";
import {
  asError,
  BackstayError,
  type DrillRow,
  type DrillsReply,
  type JobView,
  startJob,
  useCall,
  useJob,
  useJobs,
} from "../../api";
import { useTranslation } from "../../i18n";
import { count, duration, exact, moment, percent, shortDay } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { JobProgress } from "../../shared/JobProgress";
import { Empty, ListStates } from "../../shared/ListStates";
import { Note } from "../../shared/Note";
import { paths } from "../../shared/paths";
import { verdictStatus } from "../../shared/StatusGlyph";
import { useNow } from "../../shared/useNow";
import { VerdictPill } from "../../shared/VerdictPill";
import css from "./drills.module.css";

const RecoveryChart = lazy(async () => ({ default: (await import("./DrillCharts")).RecoveryChart }));
const AgeChart = lazy(async () => ({ default: (await import("./DrillCharts")).AgeChart }));

/** `18,301 records, 1,271 files` */
function broughtBack(drill: DrillRow, t: TFunction): string {
  return [
    drill.records > 0 ? t("sources:holds.records", { count: drill.records, n: count(drill.records) }) : "",
    drill.files > 0 ? t("sources:holds.files", { count: drill.files, n: count(drill.files) }) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function Card({ label, value, about, children }: { label: string; value: string; about: string; children: ReactNode }) {
  return (
    <section className={`card ${css.card}`} aria-label={label}>
      <div className="note">{label}</div>
      <div className={css.big}>
        <strong>{value}</strong> <span className="quiet">{about}</span>
      </div>
      <Suspense fallback={<div className={css.space} />}>{children}</Suspense>
    </section>
  );
}

function Cards({ reply }: { reply: DrillsReply }) {
  const { t } = useTranslation();
  const full = reply.drills.filter((drill) => !drill.oneEach && drill.verdict !== "failed");
  const [last] = full;
  const age = reply.ages.at(-1)?.[1];
  return (
    <div className={css.cards}>
      <Card
        label={t("sources:drills.recovery")}
        value={last ? duration(last.seconds) : t("sources:drills.never")}
        about={last ? `${broughtBack(last, t)}, ${shortDay(last.started, false)}` : ""}
      >
        {last && <RecoveryChart drills={full} targetMinutes={reply.targetMinutes} />}
      </Card>
      <Card
        label={t("sources:drills.ages")}
        value={age === undefined ? t("sources:noneYet") : duration(age * 60)}
        about={t("sources:drills.partialNot")}
      >
        {reply.ages.length > 0 && <AgeChart ages={reply.ages} promiseMinutes={reply.promiseMinutes} />}
      </Card>
    </div>
  );
}

function Row({ drill, slow }: { drill: DrillRow; slow: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const remark = [
    drill.reason?.[1],
    drill.oneEach ? t("sources:drills.oneEach") : "",
    slow ? t("sources:drills.slow") : "",
    drill.differing > 0 ? t("sources:drills.differing", { count: drill.differing, n: count(drill.differing) }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
  return (
    <tr>
      <th scope="row">
        <Link to={paths.run(drill.run)} title={exact(drill.started)}>
          {moment(drill.started, now)}
        </Link>
      </th>
      <td>
        <VerdictPill plain status={verdictStatus(drill.verdict)} />
      </td>
      <td className="quiet">{drill.vault}</td>
      <td className="num">{broughtBack(drill, t)}</td>
      <td className="num strong">
        {drill.compared > 0
          ? percent(drill.compared - drill.differing, drill.compared, drill.differing > 0 ? 1 : 0)
          : "–"}
      </td>
      <td className="num">{duration(drill.seconds)}</td>
      <td className={`quiet ${css.remark}`} title={remark}>
        {remark}
      </td>
    </tr>
  );
}

function Table({ reply }: { reply: DrillsReply }) {
  const { t } = useTranslation();
  const target = reply.targetMinutes == null ? Number.POSITIVE_INFINITY : reply.targetMinutes * 60;
  return (
    <div className={`card ${css.scroll}`}>
      <table className={css.table} aria-rowcount={reply.drills.length + 1}>
        <caption className="visually-hidden">{t("sources:drills.table")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("sources:drills.when")}</th>
            <th scope="col">{t("sources:run.verdict")}</th>
            <th scope="col">{t("sources:drills.from")}</th>
            <th scope="col" className="num">
              {t("sources:drills.back")}
            </th>
            <th scope="col" className="num">
              {t("sources:drills.same")}
            </th>
            <th scope="col" className="num">
              {t("sources:drills.took")}
            </th>
            <th scope="col">{t("sources:drills.remark")}</th>
          </tr>
        </thead>
        <tbody>
          {reply.drills.map((drill) => (
            <Row key={drill.run} drill={drill} slow={!drill.oneEach && drill.seconds > target} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the drill that just ended showed, if it was not all well. */
function Ended({ job, onRetry }: { job: JobView; onRetry: () => void }) {
  const { t } = useTranslation();
  if (job.error) {
    return job.error.code === "cancelled" ? null : <ErrorNote error={new BackstayError(job.error)} onRetry={onRetry} />;
  }
  const drill = job.reply as DrillRow | null | undefined;
  if (!drill || drill.verdict === "complete") {
    return (
      <Note status="complete" title={t("sources:drills.good")}>
        {drill &&
          t("sources:drills.goodLine", {
            count: drill.compared,
            n: count(drill.compared),
            time: duration(drill.seconds),
          })}
      </Note>
    );
  }
  return (
    <Note
      status={verdictStatus(drill.verdict)}
      title={t(drill.verdict === "failed" ? "sources:drills.failed" : "sources:drills.notSame", {
        count: drill.differing,
        n: count(drill.differing),
        total: count(drill.compared),
      })}
    >
      <p>{drill.reason?.[1]}</p>
      <p>{t("sources:drills.untouched")}</p>
      {drill.differences.length > 0 && (
        <ul className={css.differences} aria-label={t("sources:drills.differences")}>
          {drill.differences.map((one) => (
            <li key={one} className="mono">
              {one}
            </li>
          ))}
        </ul>
      )}
    </Note>
  );
}

function isDrillOf(job: JobView, source: string): boolean {
  return job.command === "drill.run" && (job.request as { source?: string } | null)?.source === source;
}

/** The tab. */
export function DrillsTab({ source, saved }: { source: string; saved: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const query = useCall("drill.list", { source }, { silent: true });
  const [started, setStarted] = useState<string | undefined>();
  const [error, setError] = useState<BackstayError | null>(null);
  const running = useJobs().find((job) => job.state !== "done" && isDrillOf(job, source));
  const ended = useJob(started);
  const start = async (oneEach: boolean) => {
    setError(null);
    try {
      setStarted((await startJob("drill.run", { source, oneEach })).id);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  const button = (
    <Button
      variant="filled"
      leftSection={<IconPlayerPlay size="0.9375rem" stroke={1.8} />}
      disabled={!saved || running !== undefined}
      onClick={() => void start(false)}
    >
      {t("sources:drills.now")}
    </Button>
  );
  const progress = (
    <>
      {running && (
        <section className={`card ${css.card}`}>
          <JobProgress job={running} />
        </section>
      )}
      {error && <ErrorNote error={error} onRetry={() => void start(false)} />}
      {ended?.state === "done" && !running && <Ended job={ended} onRetry={() => void start(false)} />}
    </>
  );
  return (
    <div className={css.page}>
      {progress}
      <ListStates
        query={query}
        rows={6}
        isEmpty={(reply) => reply.drills.length === 0}
        empty={
          <Empty title={t("sources:drills.emptyTitle")} action={button}>
            {t(saved ? "sources:drills.emptyLine" : "sources:drills.noBackup")}
          </Empty>
        }
      >
        {(reply) => (
          <>
            <Cards reply={reply} />
            <div className={css.head}>
              <div>
                <h2>{t("sources:drills.title")}</h2>
                <p className="note">
                  {reply.next
                    ? t("sources:drills.next", { time: moment(reply.next, now) })
                    : t("sources:drills.byHand")}{" "}
                  {t("sources:drills.line")}
                </p>
              </div>
              <div className={css.buttons}>
                <Button variant="subtle" disabled={!saved || running !== undefined} onClick={() => void start(true)}>
                  {t("sources:drills.nowOne")}
                </Button>
                {button}
              </div>
            </div>
            <Table reply={reply} />
          </>
        )}
      </ListStates>
    </div>
  );
}
