/**
 * The stay: a line of protection through time. Taut between backups, slack and dashed where one failed or the promise was not kept;
 * each backup is a knot.
 * Hover or focus shows a card, arrow keys move between knots, screen readers get words and a table.
 */
import { Popover, Tooltip } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "../i18n";
import { Knot } from "./Knot";
import css from "./StayLine.module.css";
import type { StayMark, StayPoint } from "./stay/points";
import { type RopeKnot, type RopePromise, stretches, stretchPath } from "./stay/rope";

export { dayMarks, heldPoints, type StayMark, type StayPoint, stayByDay, stayByRun } from "./stay/points";

/** A stay. */
export interface StayLineProps {
  /** What it is the stay of, for screen readers. */
  label: string;
  /** Oldest first. */
  points: StayPoint[];
  /** Where now is, 0 to 1; the middle of the last day by default. */
  now?: number;
  /** What the card of a knot says; its words by default. */
  card?: (point: StayPoint) => ReactNode;
  /** Enter or a click on a knot. */
  onOpen?: (point: StayPoint) => void;
  /** The one the page is about. */
  chosenId?: string;
  /** Marks beneath the line. */
  marks?: StayMark[];
  /** Height of the row in px at 100 %. */
  height?: number;
  /** Longest age promised, in minutes; the line hangs slack where it was not kept. */
  promiseMinutes?: number | null | undefined;
  /** The newest complete backup is older than that. */
  overdue?: boolean;
  /** When the next run comes, in words: a hollow ring behind the line. `null` keeps its place free, nothing takes none. */
  next?: string | null;
}

const CLOSE = 160;

/** A knot with the times of its complete backups. */
function ropeKnot({ at, status, runs }: StayPoint): RopeKnot {
  const good = runs.filter((run) => run.verdict === "complete").map((run) => Date.parse(run.time));
  return { at, status, ...(good.length > 0 ? { good: [Math.min(...good), Math.max(...good)] } : {}) };
}

/** Whether the promise was just kept again: the line springs taut once. */
function useSpring(overdue: boolean): [boolean, () => void] {
  const [springs, setSprings] = useState(false);
  const was = useRef(overdue);
  useEffect(() => {
    setSprings(was.current && !overdue);
    was.current = overdue;
  }, [overdue]);
  return [springs, () => setSprings(false)];
}

interface LinesProps {
  points: StayPoint[];
  now: number;
  promise: RopePromise;
  /** A dotted line leads on to the next run. */
  ahead: boolean;
}

function Lines({ points, now, promise, ahead }: LinesProps) {
  const [springs, atRest] = useSpring(promise.broken === true);
  return (
    <svg
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      className={css.lines}
      data-springs={springs || undefined}
      onAnimationEnd={atRest}
      aria-hidden
    >
      {stretches(points.map(ropeKnot), now, promise).map((stretch) => (
        <path
          key={`${stretch.from}-${stretch.to}`}
          d={stretchPath(stretch)}
          className={stretch.waiting ? css.waiting : stretch.sag > 0 ? css.slack : css.rope}
          data-line={stretch.waiting ? "waiting" : stretch.sag > 0 ? "slack" : "taut"}
        />
      ))}
      {ahead && <path d={`M${now * 100} 50H100`} className={css.waiting} data-line="ahead" />}
    </svg>
  );
}

/** What is still to come: a hollow ring at the end of a dotted line. */
function NextRing({ when }: { when: string }) {
  const { t } = useTranslation();
  return (
    <Tooltip label={t("common:stay.next", { when })}>
      <span className={css.next} role="img" aria-label={t("common:stay.next", { when })} data-next>
        <span aria-hidden />
      </span>
    </Tooltip>
  );
}

function PointTable({ label, points }: { label: string; points: StayPoint[] }) {
  const { t } = useTranslation();
  return (
    <table className="visually-hidden">
      <caption>{`${label}: ${t("common:stay.table")}`}</caption>
      <thead>
        <tr>
          <th scope="col">{t("common:stay.day")}</th>
          <th scope="col">{t("common:stay.result")}</th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.id}>
            <th scope="row">{point.when}</th>
            <td>{point.what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** See {@link StayLineProps}. */
export function StayLine(props: StayLineProps) {
  const { label, points, now, card, onOpen, chosenId, marks = [], height = 40, promiseMinutes, overdue, next } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const knots = points.filter((point) => point.status !== undefined);
  const [stop, setStop] = useState(knots.length - 1);
  const [shown, setShown] = useState<StayPoint | null>(null);
  const closing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const show = (point: StayPoint) => {
    clearTimeout(closing.current);
    setShown(point);
  };
  const hide = () => {
    clearTimeout(closing.current);
    closing.current = setTimeout(() => setShown(null), CLOSE);
  };
  const current = Math.min(Math.max(0, stop), knots.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -knots.length, End: knots.length }[event.key];
    if (event.key === "Escape") {
      setShown(null);
    }
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const to = Math.max(0, Math.min(knots.length - 1, current + step));
    setStop(to);
    box.current?.querySelectorAll<HTMLElement>("[data-stop]")[to]?.focus();
  };
  const slots = points.length || 1;
  // Many knots stand closer than a comfortable target is wide: then each takes its share.
  const width = `clamp(0.5rem, ${100 / Math.max(1, knots.length)}%, 1.625rem)`;
  const today = points.find((point) => point.today);
  const promise = {
    ...(promiseMinutes ? { longest: promiseMinutes * 60_000 } : {}),
    broken: overdue === true,
  };
  return (
    <div
      className={css.stay}
      data-ahead={next !== undefined || undefined}
      style={{ height: `${(height + (marks.length ? 20 : 0)) / 16}rem` }}
    >
      <div
        ref={box}
        className={css.row}
        style={{ height: `${height / 16}rem` }}
        role="group"
        aria-label={label}
        aria-description={t("common:stay.keys")}
        onKeyDown={onKeyDown}
      >
        {today && (
          <span
            className={css.today}
            style={{ left: `${(1 - 1 / slots) * 100}%`, width: `${100 / slots}%` }}
            aria-hidden
          />
        )}
        <Lines points={points} now={now ?? points.at(-1)?.at ?? 1} promise={promise} ahead={Boolean(next)} />
        {next && <NextRing when={next} />}
        {knots.map((point, index) => (
          <button
            key={point.id}
            type="button"
            className={css.knot}
            style={{ left: `${point.at * 100}%`, width }}
            data-stop
            tabIndex={index === current ? 0 : -1}
            aria-label={t("common:stay.point", { day: point.when, what: point.what })}
            aria-current={point.id === chosenId || undefined}
            onMouseEnter={() => show(point)}
            onMouseLeave={hide}
            onFocus={() => {
              setStop(index);
              show(point);
            }}
            onBlur={hide}
            onClick={() => onOpen?.(point)}
          >
            <Knot status={point.status ?? "none"} chosen={point.id === chosenId} />
          </button>
        ))}
        {shown && (
          <Popover
            key={shown.id}
            opened
            position="top"
            offset={6}
            trapFocus={false}
            returnFocus={false}
            withRoles={false}
            withinPortal
            shadow="md"
          >
            <Popover.Target>
              <span className={css.anchor} style={{ left: `${shown.at * 100}%` }} />
            </Popover.Target>
            <Popover.Dropdown onMouseEnter={() => clearTimeout(closing.current)} onMouseLeave={hide} p="sm">
              {card ? (
                card(shown)
              ) : (
                <>
                  <div className="strong">{shown.when}</div>
                  <div>{shown.what}</div>
                </>
              )}
            </Popover.Dropdown>
          </Popover>
        )}
      </div>
      {marks.length > 0 && <StayMarks marks={marks} />}
      <PointTable label={label} points={points} />
    </div>
  );
}

/** Names of days, for the head of a column of stays; `ahead` where those have room for their next run. */
export function StayMarks({ marks, ahead = false }: { marks: StayMark[]; ahead?: boolean }) {
  return (
    <div className={css.marks} data-ahead={ahead || undefined} aria-hidden>
      {marks.map((mark) => (
        <span
          key={mark.at}
          className={css.mark}
          style={{ left: `${mark.at * 100}%` }}
          data-today={mark.today || undefined}
        >
          {mark.label}
        </span>
      ))}
    </div>
  );
}
