/** Figures day by day: holes filled, all sources together. Pure, so that every case can be tested. */
import type { DayPoint, RunCounts, SourceFigures, Verdict } from "../api/generated";
import { dayOffset } from "../i18n/format";
import { localDay } from "../shared/days";

const DAY_MINUTES = 1440;

/** How runs end, the good ones first. */
export const verdicts = ["complete", "partial", "failed", "cancelled"] as const;

/** One day of all sources. */
export interface Day {
  /** `2026-11-20` */
  day: string;
  runs: RunCounts;
  worst?: Verdict | undefined;
  /** Bytes all sources held, as far as they were backed up. */
  size: number;
  /** Bytes the vaults grew by. */
  stored: number;
  /** Age of the oldest newest-good backup, in minutes; absent before there was one. */
  age?: number | undefined;
}

/** `2026-11-20` of a local day. */
export function dayName(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The days from one to another, both included. */
export function dayNames(from: string, to: string): string[] {
  const names: string[] = [];
  const first = localDay(from);
  const last = localDay(to).getTime();
  for (let at = 0; at < 800; at++) {
    const day = dayOffset(first, at);
    if (day.getTime() > last) {
      break;
    }
    names.push(dayName(day));
  }
  return names;
}

const none: RunCounts = { complete: 0, partial: 0, failed: 0, cancelled: 0 };
const order: Verdict[] = ["failed", "partial", "cancelled", "complete"];

function worse(one: Verdict | null | undefined, other: Verdict | null | undefined): Verdict | undefined {
  return order.find((verdict) => verdict === one || verdict === other);
}

/** A source on each of some days. On a day without anything its size stays, and its newest good backup grows a day older. */
export function filled(days: DayPoint[], names: string[]): (Day & { known: boolean })[] {
  const by = new Map(days.map((day) => [day.day, day]));
  const first = days.find((day) => day.size != null)?.size ?? 0;
  let size = 0;
  let age: number | undefined;
  return names.map((name) => {
    const point = by.get(name);
    // A source whose first day failed was as large before its first backup as in it.
    size = point?.size ?? (point && size === 0 ? first : size);
    age = point?.ageMinutes ?? (age === undefined ? undefined : age + DAY_MINUTES);
    return {
      day: name,
      runs: point?.runs ?? none,
      worst: point?.worst ?? undefined,
      size,
      stored: point?.stored ?? 0,
      age,
      known: point !== undefined,
    };
  });
}

/** All sources together. */
export function together(sources: SourceFigures[], names: string[]): Day[] {
  const sums: Day[] = names.map((day) => ({ day, runs: { ...none }, size: 0, stored: 0 }));
  for (const source of sources) {
    filled(source.days, names).forEach((one, at) => {
      const sum = sums[at];
      if (!sum) {
        return;
      }
      sum.runs = {
        complete: sum.runs.complete + one.runs.complete,
        partial: sum.runs.partial + one.runs.partial,
        failed: sum.runs.failed + one.runs.failed,
        cancelled: sum.runs.cancelled + one.runs.cancelled,
      };
      sum.worst = worse(sum.worst, one.worst);
      sum.size += one.size;
      sum.stored += one.stored;
      sum.age = one.age === undefined ? sum.age : Math.max(sum.age ?? 0, one.age);
    });
  }
  return sums;
}

/** All runs of a day. */
export function ran({ complete, partial, failed, cancelled }: RunCounts): number {
  return complete + partial + failed + cancelled;
}

/** Stretches of days, so that at most `most` are left: sums of what happened, the worst of each, the last size. */
export function thinned(days: Day[], most: number): Day[] {
  const step = Math.ceil(days.length / most);
  if (step <= 1) {
    return days;
  }
  const made: Day[] = [];
  days.forEach((day, at) => {
    const last = made.at(-1);
    if (at % step === 0 || !last) {
      made.push({ ...day });
      return;
    }
    last.runs = {
      complete: last.runs.complete + day.runs.complete,
      partial: last.runs.partial + day.runs.partial,
      failed: last.runs.failed + day.runs.failed,
      cancelled: last.runs.cancelled + day.runs.cancelled,
    };
    last.worst = worse(last.worst, day.worst);
    last.size = day.size;
    last.stored += day.stored;
    last.age = day.age === undefined ? last.age : Math.max(last.age ?? 0, day.age);
  });
  return made;
}
