/** When the timetables of the fake come due: by this computer's clock, day by day. Zones are left out. */
import type { MonthDay, Schedule, Timetable, Weekday } from "../../api/generated";
import { apiError } from "./errors";

const names: Weekday[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE = 60_000;

function onDay(on: MonthDay, date: Date): boolean {
  const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  if (on === "last") {
    return date.getDate() === last;
  }
  if ("first" in on) {
    return date.getDate() <= 7 && names[date.getDay()] === on.first;
  }
  return date.getDate() === Math.min(on.day, last);
}

/** The numbers a field of a cron line allows. */
function cronSet(field: string, least: number, most: number): Set<number> {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "*", step = "1"] = part.split("/");
    const [from = "", to] = range.split("-");
    const begin = range === "*" ? least : Number(from);
    const end = range === "*" ? most : to === undefined ? (part.includes("/") ? most : begin) : Number(to);
    for (let value = begin; value <= end; value += Number(step)) {
      found.add(value);
    }
  }
  return found;
}

function cronTimes(line: string, date: Date): number[] {
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = line.trim().split(/\s+/);
  const days = cronSet(weekday, 0, 7);
  const byDay = cronSet(day, 1, 31).has(date.getDate());
  const byWeekday = days.has(date.getDay()) || (date.getDay() === 0 && days.has(7));
  const fits = day !== "*" && weekday !== "*" ? byDay || byWeekday : byDay && byWeekday;
  if (!fits || !cronSet(month, 1, 12).has(date.getMonth() + 1)) {
    return [];
  }
  return [...cronSet(hour, 0, 23)].flatMap((h) => [...cronSet(minute, 0, 59)].map((m) => h * 60 + m));
}

function at(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

/** Minutes of a day at which a schedule comes due. */
function minutesOf(schedule: Schedule, date: Date): number[] {
  if (schedule === "manual") {
    return [];
  }
  const allows = (days: Weekday[]) => days.length === 0 || days.includes(names[date.getDay()] ?? "mon");
  if ("minutes" in schedule) {
    const { every } = schedule.minutes;
    return every > 0 ? Array.from({ length: Math.ceil(1440 / every) }, (_, index) => index * every) : [];
  }
  if ("hours" in schedule) {
    const { every, from, days } = schedule.hours;
    const steps = every > 0 && allows(days) ? Math.floor((1439 - at(from)) / (every * 60)) + 1 : 0;
    return Array.from({ length: steps }, (_, index) => at(from) + index * every * 60);
  }
  if ("daily" in schedule) {
    return schedule.daily.times.map(at);
  }
  if ("weekly" in schedule) {
    return allows(schedule.weekly.days) ? schedule.weekly.times.map(at) : [];
  }
  if ("monthly" in schedule) {
    return onDay(schedule.monthly.on, date) ? [at(schedule.monthly.time)] : [];
  }
  return cronTimes(schedule.cron.expression, date);
}

/** Moments of a timetable after one time and up to another, at most so many. */
export function slotsBetween(schedule: Schedule, after: Date, until: Date, limit = Number.POSITIVE_INFINITY): Date[] {
  const found: Date[] = [];
  for (
    let day = new Date(after.getFullYear(), after.getMonth(), after.getDate());
    day <= until && found.length < limit;
    day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)
  ) {
    for (const minute of minutesOf(schedule, day).sort((one, other) => one - other)) {
      const time = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, minute);
      if (time > after && time <= until && found.length < limit) {
        found.push(time);
      }
    }
  }
  return found;
}

/** The next moments. */
export function nextSlots(schedule: Schedule, now: Date, count: number): string[] {
  const years = new Date(now.getFullYear() + 4, now.getMonth(), now.getDate());
  return slotsBetween(schedule, now, years, count).map((time) => time.toISOString());
}

/** What the engine refuses. */
export function checkTimetable({ schedule }: Timetable, now: Date): void {
  if (schedule === "manual") {
    return;
  }
  if ("cron" in schedule) {
    const fields = schedule.cron.expression.trim().split(/\s+/);
    if (fields.length !== 5) {
      throw apiError("usage", `A cron expression has five fields. This one has ${fields.length}.`);
    }
    const day = fields[2] ?? "*";
    if (/^\d+$/.test(day) && (Number(day) < 1 || Number(day) > 31)) {
      throw apiError("usage", `Field 3 of the cron expression, "${day}", is not a day of the month, 1 to 31.`);
    }
  }
  if (nextSlots(schedule, now, 1).length === 0) {
    throw apiError("usage", "This schedule never happens.");
  }
}

/** The same as a cron line, where one says it. */
export function cronOf(schedule: Schedule): string | null {
  if (schedule === "manual") {
    return null;
  }
  if ("cron" in schedule) {
    return schedule.cron.expression;
  }
  if ("minutes" in schedule) {
    const { every } = schedule.minutes;
    return 60 % every === 0 ? (every === 1 ? "* * * * *" : `*/${every} * * * *`) : null;
  }
  if ("hours" in schedule) {
    const times = minutesOf({ hours: { ...schedule.hours, days: [] } }, new Date());
    const days = schedule.hours.days.map((day) => names.indexOf(day)).sort();
    return `${(times[0] ?? 0) % 60} ${times.map((time) => Math.floor(time / 60)).join(",")} * * ${days.join(",") || "*"}`;
  }
  const times = "daily" in schedule ? schedule.daily.times : "weekly" in schedule ? schedule.weekly.times : [];
  const [first = "00:00"] = times;
  if (times.length === 0 || times.some((time) => time.slice(3) !== first.slice(3))) {
    return null;
  }
  const hours = times.map((time) => Number(time.slice(0, 2))).join(",");
  const days = "weekly" in schedule ? schedule.weekly.days.map((day) => names.indexOf(day)).join(",") : "";
  return `${Number(first.slice(3))} ${hours} * * ${days || "*"}`;
}

/** The promise that follows: the longest time between two runs and a sixth of it more. */
export function promiseOf(schedule: Schedule, now: Date): number | null {
  const times = nextSlots(schedule, now, 60).map((time) => Date.parse(time));
  const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? time)) / MINUTE);
  const gap = Math.max(0, ...gaps);
  return gap === 0 ? null : Math.round(gap + Math.min(360, Math.max(10, gap / 6)));
}
