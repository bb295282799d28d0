/** What the credentials see, against what is saved, against last time. What fell out of reach is named. */
import { Button, TextInput } from "@mantine/core";
import { IconRefresh, IconSearch } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { Link } from "react-router";
import { BackstayError, type CoverageReply, type CoverageRow, type HoldRow, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { count, moment } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { Empty, ListStates } from "../../shared/ListStates";
import { Note } from "../../shared/Note";
import { paths } from "../../shared/paths";
import { type Status, StatusGlyph, statusColor } from "../../shared/StatusGlyph";
import { tripFacts } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import css from "./coverage.module.css";
import { HoldHistory } from "./HoldHistory";

const PAGE = 200;
const FILTER_FROM = 15;

interface Words {
  seen: [Status, string];
  saved: [Status, string];
}

const words: Record<CoverageRow["state"], Words> = {
  covered: { seen: ["complete", "yes"], saved: ["complete", "yes"] },
  new: { seen: ["complete", "yes"], saved: ["none", "notYet"] },
  outOfReach: { seen: ["partial", "noLonger"], saved: ["partial", "before"] },
  missing: { seen: ["complete", "yes"], saved: ["partial", "missing"] },
};

function Cell({ status, word }: { status: Status; word: string }) {
  return (
    <td>
      <span className={css.state} style={{ color: statusColor(status, "ink") }}>
        <StatusGlyph status={status} />
        {word}
      </span>
    </td>
  );
}

/** What people call it; the files that lie in no folder have no name. */
function nameOf({ name, title }: CoverageRow, t: TFunction): string {
  return title || name || t("sources:coverage.files");
}

/** `+11`, `−3`, `was 214`, or nothing. */
function change({ saved, last, state }: CoverageRow, t: TFunction): string {
  if (last == null || (saved == null && state !== "outOfReach")) {
    return "";
  }
  if (saved == null) {
    return t("sources:coverage.was", { n: count(last) });
  }
  const difference = saved - last;
  return difference === 0 ? "" : difference > 0 ? `+${count(difference)}` : `−${count(-difference)}`;
}

function savedWord(row: CoverageRow, now: Date, t: TFunction): string {
  return row.state === "outOfReach" && row.savedAt
    ? t("sources:coverage.until", { time: moment(row.savedAt, now) })
    : t(`sources:coverage.word.${words[row.state].saved[1]}`);
}

function Row({ row }: { row: CoverageRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const { seen, saved } = words[row.state];
  const name = nameOf(row, t);
  const unknown = row.kind === "unknown";
  return (
    <tr>
      <th scope="row">
        <span className={css.name} title={name}>
          {name}
        </span>
      </th>
      <Cell status={unknown ? "none" : seen[0]} word={t(`sources:coverage.word.${unknown ? "unreadable" : seen[1]}`)} />
      <Cell status={saved[0]} word={savedWord(row, now, t)} />
      <td className="num">{row.sees != null ? count(row.sees) : row.state === "outOfReach" || unknown ? "?" : "–"}</td>
      <td className="num">{row.saved != null ? count(row.saved) : "–"}</td>
      <td className="num" title={row.gap ? `${row.gap.subject}: ${row.gap.message}` : undefined}>
        {row.gaps > 0 ? <strong className={css.gaps}>{count(row.gaps)}</strong> : row.saved != null ? "0" : "–"}
      </td>
      <td className="quiet">{change(row, t)}</td>
    </tr>
  );
}

function Table({ rows }: { rows: CoverageRow[] }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState("");
  const [shown, setShown] = useState(PAGE);
  const wanted = filter.trim().toLocaleLowerCase();
  const found = wanted ? rows.filter((row) => nameOf(row, t).toLocaleLowerCase().includes(wanted)) : rows;
  const more = found.length - shown;
  return (
    <>
      {rows.length > FILTER_FROM && (
        <div className={css.tools}>
          <TextInput
            aria-label={t("sources:coverage.filter")}
            placeholder={t("sources:coverage.filter")}
            leftSection={<IconSearch size="0.9375rem" aria-hidden />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
          <span className="note" role="status">
            {t("sources:shown", { n: count(found.length), total: count(rows.length) })}
          </span>
        </div>
      )}
      <div className={`card ${css.scroll}`}>
        <table className={css.table} aria-rowcount={found.length + 1}>
          <caption className="visually-hidden">{t("sources:coverage.table")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("sources:coverage.what")}</th>
              <th scope="col">{t("sources:coverage.seen")}</th>
              <th scope="col">{t("sources:coverage.saved")}</th>
              <th scope="col" className="num">
                {t("sources:coverage.there")}
              </th>
              <th scope="col" className="num">
                {t("sources:coverage.inBackup")}
              </th>
              <th scope="col" className="num">
                {t("sources:coverage.gaps")}
              </th>
              <th scope="col">{t("sources:coverage.change")}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shown).map((row) => (
              <Row key={`${row.kind} ${row.name}`} row={row} />
            ))}
          </tbody>
        </table>
        {found.length === 0 && <p className={css.none}>{t("sources:coverage.noMatch")}</p>}
        {more > 0 && (
          <Button variant="subtle" fullWidth onClick={() => setShown(shown + PAGE)}>
            {t("sources:more", { count: more, n: count(more) })}
          </Button>
        )}
      </div>
    </>
  );
}

interface LostProps {
  source: string;
  kind: string;
  row: CoverageRow;
  hold: HoldRow | undefined;
  onAnswer: (holds: HoldRow[]) => void;
}

/** One thing that fell out of reach: where it still is, how to get it back, and the way to say that it was intended. */
function Lost({ source, kind, row, hold, onAnswer }: LostProps) {
  const { t } = useTranslation();
  const now = useNow();
  const [how, setHow] = useState(false);
  const name = nameOf(row, t);
  const since = hold
    ? t("sources:coverage.lost", { name, time: moment(hold.at, now) })
    : t("sources:coverage.lostBare", { name });
  const items = row.saved ?? row.last;
  const files = row.kind === "folder" || row.kind === "files";
  return (
    <Note
      status="partial"
      title={since}
      actions={
        <>
          <Button aria-expanded={how} onClick={() => setHow(!how)}>
            {t("sources:coverage.how")}
          </Button>
          {hold && <Button onClick={() => onAnswer([hold])}>{t("sources:coverage.onPurpose")}</Button>}
          {hold?.before && (
            <Button
              variant="subtle"
              component={Link}
              to={paths.browser({ snapshot: hold.before, vault: hold.vault ?? null }, { c: row.name })}
            >
              {t("sources:coverage.look")}
            </Button>
          )}
        </>
      }
    >
      <p>
        {items == null
          ? t("sources:coverage.safeBare", { name: source })
          : t(files ? "sources:coverage.safeFiles" : "sources:coverage.safe", {
              count: items,
              n: count(items),
              name: source,
            })}{" "}
        {row.savedAt && t("sources:coverage.newest", { time: moment(row.savedAt, now) })}
      </p>
      {how && <p>{t(kind === "folder" ? "sources:coverage.howFolder" : "sources:coverage.howOther")}</p>}
    </Note>
  );
}

const NOTES = 5;

function Notes({ reply, ...rest }: { reply: CoverageReply } & Omit<LostProps, "row" | "hold"> & { holds: HoldRow[] }) {
  const { t } = useTranslation();
  const { source, kind, holds, onAnswer } = rest;
  const lost = reply.rows.filter((row) => row.state === "outOfReach");
  return (
    <>
      {lost.slice(0, NOTES).map((row) => (
        <Lost
          key={row.name}
          source={source}
          kind={kind}
          row={row}
          hold={holds.find((hold) => tripFacts(hold.trip).names.includes(row.name))}
          onAnswer={onAnswer}
        />
      ))}
      {lost.length > NOTES && (
        <Note
          status="partial"
          title={t("sources:coverage.moreLost", { count: lost.length - NOTES, n: count(lost.length - NOTES) })}
        />
      )}
    </>
  );
}

/** What the tab needs. */
export interface CoverageTabProps {
  source: string;
  kind: string;
  /** Alarms that were not answered. */
  holds: HoldRow[];
  onAnswer: (holds: HoldRow[]) => void;
}

/** The tab. The source is asked when it is opened, and again on request. */
export function CoverageTab({ source, kind, holds, onAnswer }: CoverageTabProps) {
  const { t } = useTranslation();
  const now = useNow();
  const query = useCall("source.coverage", { name: source }, { silent: true, topics: ["snapshots", "holds"] });
  const { data } = query;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <p className="quiet">
          {data?.time ? t("sources:coverage.line", { time: moment(data.time, now) }) : t("sources:coverage.lineBare")}
        </p>
        <Button
          leftSection={<IconRefresh size="0.9375rem" stroke={1.8} />}
          loading={query.isFetching && data !== undefined}
          onClick={() => void query.refetch()}
        >
          {t("sources:coverage.again")}
        </Button>
      </div>
      <ListStates
        query={query}
        rows={8}
        what={t("sources:coverage.loading")}
        isEmpty={(reply) => reply.rows.length === 0 && !reply.problem}
        empty={<Empty title={t("sources:coverage.empty")}>{t("sources:coverage.emptyLine")}</Empty>}
      >
        {(reply) => (
          <>
            {reply.problem && (
              <ErrorNote error={new BackstayError(reply.problem)} onRetry={() => void query.refetch()} />
            )}
            <Notes reply={reply} source={source} kind={kind} holds={holds} onAnswer={onAnswer} />
            {reply.rows.length > 0 && <Table rows={reply.rows} />}
          </>
        )}
      </ListStates>
      <HoldHistory source={source} />
    </div>
  );
}
