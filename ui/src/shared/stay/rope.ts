/** The line between knots: taut between saved ones, slack and dashed where a run failed. */
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

/** The stretches between the knots and, at the end, to now (`end`). */
export function stretches(points: { at: number; status?: Status | undefined }[], end: number): Stretch[] {
  const made: Stretch[] = [];
  let last: number | undefined;
  let torn = false;
  for (const { at, status } of points) {
    if (status === "failed") {
      torn = true;
    }
    if (!saved(status)) {
      continue;
    }
    if (last !== undefined) {
      made.push({ from: last, to: at, sag: torn ? sagOf(at - last) : 0 });
    }
    last = at;
    torn = false;
  }
  if (last !== undefined && last < end) {
    made.push(torn ? { from: last, to: end, sag: sagOf(end - last) } : { from: last, to: end, sag: 0, waiting: true });
  }
  return made;
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
