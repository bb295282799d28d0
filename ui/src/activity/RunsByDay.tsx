/** Everything Backstay did, by day, newest first. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { type RunRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, clock, count, day, duration, exact, sameDay } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import { useRowKeys } from "../shared/useRowKeys";
import { VerdictPill } from "../shared/VerdictPill";
import css from "./activity.module.css";
import type { RunChoice } from "./useRunFilter";
import { fitsText, runSeconds, runStatus, runSubject, runWord } from "./words";

const PAGE = 100;
/** Words are looked for in at least so many runs. */
const SEARCHED = 1000;

/** Columns there is room for beside the four that are always there. */
interface Room {
  plan: boolean;
  vault: boolean;
  figures: boolean;
}

/** The plan goes first, then the vault, then the figures; without any plan there is no column for it. */
function useRoom(planned: boolean): Room {
  const now = { getInitialValueInEffect: false };
  const wide = useMediaQuery("(min-width: 70em)", true, now) ?? true;
  const vault = useMediaQuery("(min-width: 62.5em)", true, now) ?? true;
  const figures = useMediaQuery("(min-width: 52.5em)", true, now) ?? true;
  return { plan: wide && planned, vault, figures };
}

function Row({ run, plan, vault, figures }: { run: RunRow } & Room) {
  const { t } = useTranslation();
  const seconds = runSeconds(run);
  const subject = runSubject(run, t);
  const about = run.reason?.[1];
  return (
    <tr className={css.run}>
      <td className={css.clock}>
        <time dateTime={run.started} title={exact(run.started)}>
          {clock(run.started)}
        </time>
      </td>
      <td className={css.kind}>{t(`activity:kind.${run.kind}`)}</td>
      <th scope="row" className={css.subject}>
        <Link to={paths.run(run.id)} className={css.rowLink ?? ""} data-row={run.id} title={subject}>
          {subject}
        </Link>
      </th>
      {plan && (
        <td className={css.plan}>
          {run.plan && (
            <div className="clip quiet" title={run.plan}>
              {run.plan}
            </div>
          )}
        </td>
      )}
      {vault && (
        <td className={css.vault}>
          {run.source && run.vault && (
            <div className="clip quiet" title={run.vault}>
              {run.vault}
            </div>
          )}
        </td>
      )}
      <td className={css.verdict}>
        <div>
          <VerdictPill plain status={runStatus(run)} word={runWord(run, t)} gaps={run.gaps ?? 0} />
          {about && (
            <span className="note clip" title={about}>
              {about}
            </span>
          )}
        </div>
      </td>
      {figures && (
        <>
          <td className={`num ${css.stored}`}>{run.stored ? bytes(run.stored) : ""}</td>
          <td className={`num quiet ${css.took}`}>{seconds === undefined ? "" : duration(seconds)}</td>
        </>
      )}
    </tr>
  );
}

function Table({ runs }: { runs: RunRow[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const table = useRowKeys();
  const room = useRoom(runs.some((run) => run.plan));
  const { plan, vault, figures } = room;
  const columns = 4 + (plan ? 1 : 0) + (vault ? 1 : 0) + (figures ? 2 : 0);
  return (
    <div className={`card ${css.scroll}`}>
      <table className={css.runs} ref={table} aria-label={t("activity:runs.label")} data-plan={plan || undefined}>
        <thead>
          <tr>
            <th scope="col" className={css.clock}>
              {t("activity:runs.when")}
            </th>
            <th scope="col" className={css.kind}>
              {t("activity:runs.kind")}
            </th>
            <th scope="col" className={css.subject}>
              {t("activity:runs.what")}
            </th>
            {plan && (
              <th scope="col" className={css.plan}>
                {t("activity:runs.plan")}
              </th>
            )}
            {vault && (
              <th scope="col" className={css.vault}>
                {t("activity:runs.vault")}
              </th>
            )}
            <th scope="col">{t("activity:runs.verdict")}</th>
            {figures && (
              <>
                <th scope="col" className={`num ${css.stored}`}>
                  {t("activity:runs.stored")}
                </th>
                <th scope="col" className={`num ${css.took}`}>
                  {t("activity:runs.took")}
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, index) => (
            <Fragment key={run.id}>
              {(index === 0 || !sameDay(run.started, runs[index - 1]?.started ?? "")) && (
                <tr className={css.day}>
                  <th scope="rowgroup" colSpan={columns}>
                    {day(run.started, now)}
                  </th>
                </tr>
              )}
              <Row run={run} {...room} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The list that fits the choice, and more of it on request. */
export function RunsByDay({ choice, onClear }: { choice: RunChoice; onClear: () => void }) {
  const { t } = useTranslation();
  const { kind, verdict, source, plan } = choice;
  const text = choice.text.trim();
  // Another choice begins with one page again.
  const asked = [kind, verdict, source, plan, text === ""].join("/");
  const [read, setRead] = useState({ asked, pages: 1 });
  const pages = read.asked === asked ? read.pages : 1;
  const limit = (text ? SEARCHED : PAGE) * pages;
  const query = useCall("run.list", { kind, verdict, source, plan, limit }, { silent: true, keep: true });
  const chosen = kind !== null || verdict !== null || source !== null || plan !== null || text !== "";
  const found = query.data?.runs ?? [];
  const shown = text ? found.filter((run) => fitsText(run, text, t)) : found;
  const more = found.length >= limit;
  return (
    <section aria-label={t("activity:runs.label")} className={css.section}>
      <ListStates
        query={query}
        what={t("activity:runs.loading")}
        isEmpty={() => shown.length === 0}
        empty={
          chosen ? (
            <Empty
              title={t("activity:runs.nothing")}
              action={<Button onClick={onClear}>{t("activity:filter.clear")}</Button>}
            >
              {more && t("activity:runs.searched", { count: found.length, n: count(found.length) })}
            </Empty>
          ) : (
            <Empty
              title={t("activity:runs.empty")}
              action={
                <Button component={Link} to={paths.sources()}>
                  {t("activity:runs.toSources")}
                </Button>
              }
            >
              {t("activity:runs.emptyLine")}
            </Empty>
          )
        }
      >
        {() => <Table runs={shown} />}
      </ListStates>
      {more && (
        <Button
          variant="subtle"
          className={css.more ?? ""}
          loading={query.isPlaceholderData}
          onClick={() => setRead({ asked, pages: pages + 1 })}
        >
          {t("activity:runs.more")}
        </Button>
      )}
    </section>
  );
}
