/** The line between knots: taut between saved ones, slack and dashed where a run failed or a promise was not kept. */
import type { Status } from "../StatusGlyph";

/** A stretch of the line, 0 to 1; `sag` is 0 for a taut one and part of the row's height otherwise. */
export interface Stretch {
  from: number;
  to: number;
  sag: number;
  /** After the last knot, where nothing failed: only time passed. */
  waiting?: boolean;
}

const LEAST = 0.12;
const MOST = 0.6;

function saved(status: Status | undefined): boolean {
  return status === "complete" || status === "partial" || status === "guard";
}

/** How far the line hangs through over a gap: 12 to 60 % of the row, growing with the gap. */
export function sagOf(gap: number): number {
  return LEAST + (MOST - LEAST) * Math.min(1, gap * 1.6);
}

/** A knot as the rope sees it. */
export interface RopeKnot {
  at: number;
  status?: Status | undefined;
  /** When its first and last *complete* backups were made, in milliseconds; absent where there was none. */
  good?: [number, number] | undefined;
}

/** What was promised. */
export interface RopePromise {
  /** Longest age of a complete backup, in milliseconds. */
  longest?: number | undefined;
  /** It is broken now: the rope hangs from the last complete backup on. */
  broken?: boolean;
}

function slack(stretch: Stretch): Stretch {
  return stretch.sag > 0 ? stretch : { from: stretch.from, to: stretch.to, sag: sagOf(stretch.to - stretch.from) };
}

/** The last stretch, to now (`end`): from the last complete backup on where the promise is broken. */
function toNow(made: Stretch[], last: number, good: number | undefined, end: number, torn: boolean): Stretch[] {
  if (good !== undefined) {
    const kept = made.filter((stretch) => stretch.to <= good);
    return good < end ? [...kept, { from: good, to: end, sag: sagOf(end - good) }] : kept;
  }
  if (last >= end) {
    return made;
  }
  return [
    ...made,
    torn ? { from: last, to: end, sag: sagOf(end - last) } : { from: last, to: end, sag: 0, waiting: true },
  ];
}

/**
 * The stretches between the knots and, at the end, to now (`end`). It is slack where a run failed, and where more time went by
 * between two complete backups than was promised.
 */
export function stretches(points: RopeKnot[], end: number, promise: RopePromise = {}): Stretch[] {
  let made: Stretch[] = [];
  let last: number | undefined;
  let torn = false;
  let good: { at: number; time: number; stretches: number } | undefined;
  for (const point of points) {
    if (point.status === "failed") {
      torn = true;
    }
    if (saved(point.status)) {
      if (last !== undefined) {
        made.push({ from: last, to: point.at, sag: torn ? sagOf(point.at - last) : 0 });
      }
      last = point.at;
      torn = false;
    }
    if (point.good) {
      const since = good;
      if (since && promise.longest !== undefined && point.good[0] - since.time > promise.longest) {
        made = made.map((stretch, index) => (index >= since.stretches ? slack(stretch) : stretch));
      }
      good = { at: point.at, time: point.good[1], stretches: made.length };
    }
  }
  return last === undefined ? made : toNow(made, last, promise.broken ? good?.at : undefined, end, torn);
}

/** The stretch as a path in a box of 100 × 100. */
export function stretchPath({ from, to, sag }: Stretch): string {
  const [x1, x2] = [from * 100, to * 100];
  // The lowest point of such a curve lies at three quarters of its handles' depth.
  const depth = 50 + (sag * 50) / 0.75;
  return sag === 0
    ? `M${x1} 50H${x2}`
    : `M${x1} 50C${x1 + (x2 - x1) * 0.3} ${depth} ${x1 + (x2 - x1) * 0.7} ${depth} ${x2} 50`;
}
