/** Snapshots by day: groups of a list and bars of the strip. */
import type { SnapshotRow } from "../api";
import { dayOffset, sameDay } from "../i18n/format";

/** The snapshots of one day, newest first. */
export interface Day {
  /** Its midnight. */
  date: Date;
  rows: SnapshotRow[];
}

/** One bar of the strip. */
export interface Bar {
  date: Date;
  count: number;
  /** Bytes added that day. */
  stored: number;
}

/** Groups rows (newest first) by day, keeping their order. */
export function byDay(rows: SnapshotRow[]): Day[] {
  const days: Day[] = [];
  for (const row of rows) {
    const last = days.at(-1);
    if (last && sameDay(last.date, row.time)) {
      last.rows.push(row);
    } else {
      days.push({ date: dayOffset(row.time, 0), rows: [row] });
    }
  }
  return days;
}

/** One bar for each day of `length` days that end with `end`. */
export function bars(rows: SnapshotRow[], end: Date, length: number): Bar[] {
  const found = new Map<string, Bar>();
  for (let ago = length - 1; ago >= 0; ago--) {
    const date = dayOffset(end, -ago);
    found.set(date.toDateString(), { date, count: 0, stored: 0 });
  }
  for (const row of rows) {
    const bar = found.get(new Date(row.time).toDateString());
    if (bar) {
      bar.count++;
      bar.stored += row.stored ?? 0;
    }
  }
  return [...found.values()];
}

/** Height of a bar from 0 to 1: by the square root, so that a large day does not flatten the rest. */
export function height(bar: Bar, all: Bar[]): number {
  const most = Math.max(1, ...all.map((one) => one.stored));
  return bar.count === 0 ? 0 : 0.08 + 0.92 * Math.sqrt(bar.stored / most);
}
