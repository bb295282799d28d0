/** The stays of all sources with their last good backup and next run. Many sources are grouped by state, and the good ones folded. */
import { Button, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { SourceHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes, clock, count, exact, sameDay, shortDay, shortWeekday } from "../i18n/format";
import { Age } from "../shared/Age";
import { holdings } from "../shared/holdings";
import { paths } from "../shared/paths";
import { SampleChip } from "../shared/SampleChip";
import { SourceIcon } from "../shared/SourceIcon";
import { type Status, StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { dayMarks, heldPoints, StayLine, StayMarks, stayByDay } from "../shared/StayLine";
import { useKindTitle } from "../shared/useKindTitle";
import { useNow } from "../shared/useNow";
import { useRowKeys } from "../shared/useRowKeys";
import { gapCount } from "../shared/worstRun";
import css from "./Stays.module.css";
import type { Rated } from "./state";

/** From this many on, sources are grouped by state. */
const GROUPED = 13;
const PAGE = 60;

function State({ source, status }: Rated) {
  const { t } = useTranslation();
  const good = source.lastGood;
  const gaps = gapCount(source);
  const saved = status === "complete" || status === "running";
  const size = source.holds ? bytes(source.holds.bytes) : "";
  return (
    <div className={css.state}>
      <StatusGlyph status={status} label />
      <div>
        <div className="strong" style={{ color: statusColor(status, "ink") }}>
          {saved && good ? <Age time={good.time} /> : t(`common:status.${status}`)}
        </div>
        <div className="note">
          {saved ? (
            size
          ) : status === "guard" && source.last ? (
            <Age time={source.last.time} />
          ) : status === "overdue" && good ? (
            <Age time={good.time} />
          ) : status === "partial" ? (
            <>
              {t("common:gaps", { count: gaps, n: count(gaps) })}, {source.last && <Age time={source.last.time} />}
            </>
          ) : good ? (
            <>
              {t("overview:stays.good")} <Age time={good.time} />
            </>
          ) : (
            t("overview:stays.never")
          )}
        </div>
      </div>
    </div>
  );
}

/** When it is backed up next, short: `15:00`, `Sat 04:30`, `Now`. */
export function nextWords(source: SourceHealth, now: Date, t: TFunction): string {
  if (!source.next) {
    return t(source.plans.length > 0 ? "overview:stays.noNext" : "overview:stays.byHand");
  }
  const next = new Date(source.next);
  if (next.getTime() <= now.getTime() + 30_000) {
    return t("overview:stays.now");
  }
  if (sameDay(next, now)) {
    return clock(next);
  }
  return next.getTime() - now.getTime() < 6 * 86_400_000
    ? `${shortWeekday(next)} ${clock(next)}`
    : `${shortDay(next, false)}, ${clock(next)}`;
}

function Row({ rated, days, showStay }: { rated: Rated; days: number; showStay: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const kindTitle = useKindTitle();
  const { source } = rated;
  const { name, kind } = source.source;
  const holds = holdings(source.holds, t);
  const next = nextWords(source, now, t);
  const points = stayByDay(source.points, { now, days }, t);
  return (
    <tr className={css.row}>
      <th scope="row" className={css.source}>
        <div className={css.name}>
          <SourceIcon kind={kind} />
          <div className={css.words}>
            <div className={css.title}>
              <Link to={paths.source(name)} className={`${css.link} clip`} data-row={name} title={name}>
                {name}
              </Link>
              {source.sample && <SampleChip />}
            </div>
            <div className="note clip">{[kindTitle(kind), holds].filter(Boolean).join(" · ")}</div>
          </div>
        </div>
      </th>
      {showStay && (
        <td className={css.stay}>
          <StayLine
            label={t("overview:stays.of", { name })}
            points={rated.status === "guard" ? heldPoints(points) : points}
            height={48}
            promiseMinutes={source.promiseMinutes}
            overdue={source.overdue}
            next={source.next ? next : null}
            onOpen={() => navigate(paths.source(name))}
          />
        </td>
      )}
      <td className={css.last}>
        <State {...rated} />
        {!showStay && source.next && <div className="note">{t("common:stay.next", { when: next })}</div>}
      </td>
      {showStay && (
        <td className={css.next} data-quiet={!source.next || undefined}>
          {source.next ? <span title={exact(source.next)}>{next}</span> : next}
        </td>
      )}
    </tr>
  );
}

interface Group {
  status: Status;
  rows: Rated[];
}

function groups(rated: Rated[]): Group[] {
  const made: Group[] = [];
  for (const one of rated) {
    const last = made.at(-1);
    if (last?.status === one.status) {
      last.rows.push(one);
    } else {
      made.push({ status: one.status, rows: [one] });
    }
  }
  return made;
}

interface GroupRowsProps {
  group: Group;
  columns: number;
  days: number;
  showStay: boolean;
}

function GroupRows({ group, columns, days, showStay }: GroupRowsProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(group.status !== "complete" && group.status !== "running");
  const [shown, setShown] = useState(PAGE);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const more = group.rows.length - shown;
  return (
    <tbody>
      <tr className={css.group}>
        <th colSpan={columns} scope="rowgroup">
          <UnstyledButton className={css.fold ?? ""} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Chevron size="0.9375rem" aria-hidden />
            <StatusGlyph status={group.status} />
            <span>{t(`common:status.${group.status}`)}</span>
            <span className={css.count}>{count(group.rows.length)}</span>
          </UnstyledButton>
        </th>
      </tr>
      {open &&
        group.rows
          .slice(0, shown)
          .map((rated) => <Row key={rated.source.source.id} rated={rated} days={days} showStay={showStay} />)}
      {open && more > 0 && (
        <tr>
          <td colSpan={columns}>
            <Button variant="subtle" fullWidth onClick={() => setShown(shown + PAGE)}>
              {t("overview:stays.more", { count: more, n: count(more) })}
            </Button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** The table of stays. */
export function Stays({ rated, byName }: { rated: Rated[]; byName: Rated[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const wide = useMediaQuery("(min-width: 62.5em)", true, { getInitialValueInEffect: false }) ?? true;
  const showStay = useMediaQuery("(min-width: 45em)", true, { getInitialValueInEffect: false }) ?? true;
  const days = wide ? 14 : 7;
  const columns = showStay ? 4 : 2;
  const table = useRowKeys();
  return (
    <div className="card">
      <table className={css.table} ref={table}>
        <thead>
          <tr>
            <th scope="col" className={css.source}>
              {t("overview:stays.source")}
            </th>
            {showStay && (
              <th scope="col" className={css.stay}>
                <span className="visually-hidden">{t("overview:stays.days", { n: days })}</span>
                {wide ? (
                  <StayMarks marks={dayMarks({ now, days }, t)} ahead />
                ) : (
                  <span aria-hidden>{t("overview:stays.days", { n: days })}</span>
                )}
              </th>
            )}
            <th scope="col" className={css.last}>
              {t("overview:stays.last")}
            </th>
            {showStay && (
              <th scope="col" className={css.next}>
                {t("overview:stays.next")}
              </th>
            )}
          </tr>
        </thead>
        {rated.length < GROUPED ? (
          <tbody>
            {byName.map((one) => (
              <Row key={one.source.source.id} rated={one} days={days} showStay={showStay} />
            ))}
          </tbody>
        ) : (
          groups(rated).map((group) => (
            <GroupRows key={group.status} group={group} columns={columns} days={days} showStay={showStay} />
          ))
        )}
      </table>
    </div>
  );
}
