/**
 * How the moments of a plan went, put into cells: an hour of a day each, or a day each for plans that run seldom. A cell shows the
 * worst of its moments and how many there are.
 */
import type { Schedule, SlotRow } from "../api";
import { dayOffset } from "../i18n/format";
import { dayText } from "./keep";
import { weekdays } from "./timetable";

const HOUR = 3_600_000;

/** How a cell looks. */
export type MomentKind =
  | "ran"
  | "caughtUp"
  | "partial"
  | "failed"
  | "cancelled"
  | "waited"
  | "asleep"
  | "skipped"
  | "running"
  | "notYet";

/** Worst first. */
const severity: MomentKind[] = [
  "failed",
  "partial",
  "cancelled",
  "skipped",
  "asleep",
  "waited",
  "running",
  "caughtUp",
  "ran",
  "notYet",
];
const absent = ["asleep", "off", "notRunning"];

/** How a moment looks: those nobody could see are dashed, those that had to wait are barred. */
export function momentKind(slot: SlotRow): MomentKind {
  switch (slot.state) {
    case "missed":
      return absent.includes(slot.reason ?? "") ? "asleep" : "waited";
    case "waiting":
      return "waited";
    case "caughtUp":
      return absent.includes(slot.reason ?? "") || !slot.reason ? "caughtUp" : "waited";
    case "skipped":
      return "skipped";
    default:
      return slot.state;
  }
}

/** Moments of one row of the proof within one cell. */
export interface Share {
  slot: SlotRow;
  count: number;
}

/** A cell with moments. */
export interface MomentCell {
  id: string;
  /** Where it begins. */
  start: Date;
  kind: MomentKind;
  count: number;
  /** Worst first. */
  shares: Share[];
}

/** Moments that went the same way for the same reason, counted as one; the order stays. */
export function together(shares: Share[]): Share[] {
  const lines = new Map<string, Share>();
  for (const share of shares) {
    const { reason, code } = share.slot;
    const key = `${momentKind(share.slot)} ${reason ?? code ?? ""}`;
    const line = lines.get(key);
    lines.set(key, line ? { ...line, count: line.count + share.count } : share);
  }
  return [...lines.values()];
}

/** By the hour, or by the day. */
export type Scale = "hours" | "days";

/** Plans that run once a day or less are shown by the day. */
export function scaleOf(schedule: Schedule, next: string[]): Scale {
  if (schedule !== "manual") {
    if ("minutes" in schedule || "hours" in schedule) {
      return "hours";
    }
    if ("daily" in schedule) {
      return schedule.daily.times.length > 1 ? "hours" : "days";
    }
    if ("weekly" in schedule || "monthly" in schedule) {
      return "days";
    }
  }
  const [first, last] = [next[0], next.at(-1)];
  const apart = first && last && next.length > 1 ? (Date.parse(last) - Date.parse(first)) / (next.length - 1) : 0;
  return apart >= 20 * HOUR ? "days" : "hours";
}

/** Where a cell begins. */
function cellStart(time: Date, scale: Scale): Date {
  const day = dayOffset(time, 0);
  return scale === "days" ? day : new Date(day.getFullYear(), day.getMonth(), day.getDate(), time.getHours());
}

/** A cell's name: `2026-11-20` or `2026-11-20 09`. */
export function cellId(time: Date, scale: Scale): string {
  return scale === "days" ? dayText(time) : `${dayText(time)} ${String(time.getHours()).padStart(2, "0")}`;
}

/** The times a schedule names between two moments, by this computer's clock; for telling where moments of a range lie. */
function named(schedule: Schedule, from: Date, to: Date): Date[] {
  if (schedule === "manual" || "cron" in schedule || "monthly" in schedule || "minutes" in schedule) {
    return [];
  }
  const days = "hours" in schedule ? schedule.hours.days : "weekly" in schedule ? schedule.weekly.days : [];
  let times: string[];
  if ("hours" in schedule) {
    const { every, from: first } = schedule.hours;
    const begin = Number(first.slice(0, 2));
    const steps = every > 0 ? Math.floor((23 - begin) / every) + 1 : 0;
    times = Array.from({ length: steps }, (_, step) => `${begin + step * every}${first.slice(2)}`);
  } else {
    times = "daily" in schedule ? schedule.daily.times : schedule.weekly.times;
  }
  const found: Date[] = [];
  for (let day = dayOffset(from, 0); day <= to; day = dayOffset(day, 1)) {
    const weekday = weekdays[(day.getDay() + 6) % 7];
    if (days.length > 0 && weekday && !days.includes(weekday)) {
      continue;
    }
    for (const time of times) {
      const [hour = 0, minute = 0] = time.split(":").map(Number);
      const moment = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
      if (moment >= from && moment <= to) {
        found.push(moment);
      }
    }
  }
  return found;
}

/** Where the moments of a row lie: start of a cell, and how many. Work is bounded by cells, not by moments. */
function spread(slot: SlotRow, schedule: Schedule, scale: Scale): [Date, number][] {
  const from = new Date(slot.due);
  const to = new Date(slot.last);
  if (slot.count <= 1 || from.getTime() === to.getTime()) {
    return [[cellStart(from, scale), slot.count]];
  }
  const places = new Map<number, number>();
  const add = (time: Date, count: number) => {
    const at = cellStart(time, scale).getTime();
    places.set(at, (places.get(at) ?? 0) + count);
  };
  const times = named(schedule, from, to);
  if (times.length === slot.count) {
    for (const time of times) {
      add(time, 1);
    }
  } else {
    const apart = (to.getTime() - from.getTime()) / (slot.count - 1);
    if (apart >= HOUR) {
      for (let index = 0; index < slot.count; index++) {
        add(new Date(from.getTime() + index * apart), 1);
      }
    } else {
      // Several in an hour: count them hour by hour.
      let done = 0;
      for (let hour = cellStart(from, "hours").getTime() + HOUR; done < slot.count; hour += HOUR) {
        const until = Math.min(slot.count, Math.ceil((hour - from.getTime()) / apart));
        add(new Date(hour - HOUR), until - done);
        done = until;
      }
    }
  }
  return [...places].map(([time, count]) => [new Date(time), count]);
}

/** All cells with moments since a time, by name. */
export function momentCells(slots: SlotRow[], schedule: Schedule, scale: Scale, since: Date): Map<string, MomentCell> {
  const cells = new Map<string, MomentCell>();
  for (const slot of slots) {
    for (const [start, count] of spread(slot, schedule, scale)) {
      if (start < since) {
        continue;
      }
      const id = cellId(start, scale);
      const cell = cells.get(id) ?? { id, start, kind: "notYet", count: 0, shares: [] };
      cell.count += count;
      cell.shares.push({ slot, count });
      cells.set(id, cell);
    }
  }
  for (const cell of cells.values()) {
    cell.shares.sort((one, other) => severity.indexOf(momentKind(one.slot)) - severity.indexOf(momentKind(other.slot)));
    const worst = cell.shares[0];
    cell.kind = worst ? momentKind(worst.slot) : "notYet";
  }
  return cells;
}

/** The newest cell that was not kept, else the newest that is over: what the page begins with. */
export function firstChoice(cells: Map<string, MomentCell>): string | undefined {
  const over = [...cells.values()]
    .filter((cell) => cell.kind !== "notYet")
    .sort((one, other) => one.start.getTime() - other.start.getTime());
  const bad = over.filter((cell) => cell.kind !== "ran");
  return (bad.at(-1) ?? over.at(-1))?.id;
}
