/** The stretch of time a timeline shows, and its knots: one for each run, or one for each of at most a hundred stretches. */
import type { TFunction } from "i18next";
import type { RunPoint } from "../../api/generated";
import { count, dayOffset, shortDay } from "../../i18n/format";
import { type Status, verdictStatus, worst } from "../../shared/StatusGlyph";
import { type StayPoint, stayByRun } from "../../shared/StayLine";

/** What can be chosen. */
export type Range = "14" | "90" | "all";

/** More knots than this, or such over more days, cannot be told apart. */
const MOST = 60;
const DAYS = 31;
const BUCKETS = 60;

/** Days the range covers; *all* begins with the first run known or the day the source was added. */
export function daysOf(range: Range, created: string, now: Date): number {
  if (range !== "all") {
    return Number(range);
  }
  const days = Math.ceil((now.getTime() - new Date(created).getTime()) / 86_400_000) + 1;
  return Math.max(14, days);
}

/** First and last moment of so many days, today included. */
export function spanOf(days: number, now: Date): { from: Date; to: Date } {
  return { from: dayOffset(now, 1 - days), to: dayOffset(now, 1) };
}

function status(run: RunPoint): Status {
  return run.verdict ? verdictStatus(run.verdict) : "running";
}

/** Knots of the timeline. */
export function knots(runs: RunPoint[], span: { from: Date; to: Date }, t: TFunction): StayPoint[] {
  const inside = runs.filter((run) => new Date(run.time) >= span.from);
  const whole = span.to.getTime() - span.from.getTime();
  if (inside.length <= MOST && whole <= DAYS * 86_400_000) {
    return stayByRun(inside, span, t);
  }
  const slots = new Map<number, RunPoint[]>();
  for (const run of inside) {
    const slot = Math.min(BUCKETS - 1, Math.floor(((Date.parse(run.time) - span.from.getTime()) / whole) * BUCKETS));
    slots.set(slot, [...(slots.get(slot) ?? []), run]);
  }
  return [...slots].map(([slot, mine]) => {
    const [alone] = mine.length === 1 ? stayByRun(mine, span, t) : [];
    if (alone) {
      return { ...alone, at: (slot + 0.5) / BUCKETS };
    }
    const from = new Date(span.from.getTime() + (slot / BUCKETS) * whole);
    const to = new Date(span.from.getTime() + ((slot + 1) / BUCKETS) * whole - 1);
    const shown = worst(mine.map(status));
    const bad = mine.filter((run) => run.verdict !== "complete").length;
    return {
      id: `slot-${slot}`,
      at: (slot + 0.5) / BUCKETS,
      ...(shown ? { status: shown } : {}),
      when: `${shortDay(from, false)} – ${shortDay(to, false)}`,
      what: t("sources:timeline.bucket", { count: mine.length, n: count(mine.length), bad: count(bad) }),
      runs: mine,
    };
  });
}

/** Bytes stored by each knot, 0 to 1 of the largest; small ones stay visible. */
export function bars(points: StayPoint[]): { id: string; at: number; height: number }[] {
  const sums = points.map((point) => point.runs.reduce((sum, run) => sum + run.stored, 0));
  const most = Math.max(1, ...sums);
  return points.map((point, index) => {
    const sum = sums[index] ?? 0;
    return { id: point.id, at: point.at, height: sum === 0 ? 0 : Math.max(0.06, Math.sqrt(sum / most)) };
  });
}

/** The middle value: what a run usually takes. */
export function median(values: number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Marks beneath the line: about seven, today last. */
export function marks(days: number, now: Date, t: TFunction): { at: number; label: string; today: boolean }[] {
  const every = Math.max(1, Math.round(days / 7));
  const made = [];
  for (let index = 0; index < days - every; index += every) {
    made.push({
      at: (index + 0.5) / days,
      label: shortDay(dayOffset(now, index - days + 1), days <= 14),
      today: false,
    });
  }
  made.push({ at: (days - 0.5) / days, label: t("common:time.today"), today: true });
  return made;
}
