/** From runs to knots: one a day (the worst of the day) or one a run. */
import type { TFunction } from "i18next";
import type { RunPoint } from "../../api/generated";
import { clock, count, dayOffset, sameDay, shortDay, weekdayMonth } from "../../i18n/format";
import { type Status, verdictStatus, worst } from "../StatusGlyph";

/** A knot, or a day without one. */
export interface StayPoint {
  id: string;
  /** Place on the line, 0 to 1. */
  at: number;
  /** Absent on days without a run. */
  status?: Status;
  /** The day or the moment, in words. */
  when: string;
  /** What happened, in words. */
  what: string;
  /** The runs behind it, oldest first. */
  runs: RunPoint[];
  today?: boolean;
}

/** A mark beneath or above the line. */
export interface StayMark {
  at: number;
  label: string;
  today: boolean;
}

function words(runs: RunPoint[], t: TFunction): string {
  const by = new Map<string, number>();
  for (const run of runs) {
    const verdict = t(`common:status.${run.verdict ?? "running"}`).toLowerCase();
    by.set(verdict, (by.get(verdict) ?? 0) + 1);
  }
  return [...by].map(([verdict, n]) => t("common:stay.runs", { count: n, n: count(n), verdict })).join(", ");
}

function runStatus(run: RunPoint): Status {
  return run.verdict ? verdictStatus(run.verdict) : "running";
}

/** One knot for each of the last days, today last. A good run after a failed one mends the day only in part: the worst shows. */
export function stayByDay(
  runs: RunPoint[],
  { now, days = 14 }: { now: Date; days?: number },
  t: TFunction,
): StayPoint[] {
  return Array.from({ length: days }, (_, index) => {
    const day = dayOffset(now, index - days + 1);
    const mine = runs.filter((run) => sameDay(run.time, day));
    const status = worst(mine.map(runStatus));
    return {
      id: day.toISOString().slice(0, 10) + index,
      at: (index + 0.5) / days,
      ...(status ? { status } : {}),
      when: weekdayMonth(day),
      what: mine.length ? words(mine, t) : t("common:stay.missed"),
      runs: mine,
      ...(index === days - 1 ? { today: true } : {}),
    };
  });
}

/** One knot for each run, at its time. */
export function stayByRun(runs: RunPoint[], { from, to }: { from: Date; to: Date }, t: TFunction): StayPoint[] {
  const span = Math.max(1, to.getTime() - from.getTime());
  return runs
    .filter((run) => new Date(run.time) >= from)
    .map((run) => ({
      id: run.run,
      at: Math.min(1, (new Date(run.time).getTime() - from.getTime()) / span),
      status: runStatus(run),
      when: `${weekdayMonth(run.time)}, ${clock(run.time)}`,
      what: words([run], t),
      runs: [run],
    }));
}

/** The stay of something a guard holds: the knot of these runs, or else the newest one, is a shield. */
export function heldPoints(points: StayPoint[], runs?: Set<string>): StayPoint[] {
  const newest = points.findLastIndex((point) => point.status !== undefined && point.status !== "failed");
  const known = runs !== undefined && points.some((point) => point.runs.some((run) => runs.has(run.run)));
  return points.map((point, at) =>
    (known ? point.runs.some((run) => runs.has(run.run)) : at === newest) ? { ...point, status: "guard" } : point,
  );
}

/** Names of days over or under a stay by day: every third one, today always. */
export function dayMarks(
  { now, days = 14, every = 3 }: { now: Date; days?: number; every?: number },
  t: TFunction,
): StayMark[] {
  const marks: StayMark[] = [];
  for (let index = 0; index < days; index++) {
    const today = index === days - 1;
    if (today || (index % every === 0 && days - 1 - index >= Math.min(every, 2))) {
      const day = dayOffset(now, index - days + 1);
      marks.push({ at: (index + 0.5) / days, label: today ? t("common:time.today") : shortDay(day), today });
    }
  }
  return marks;
}
