/** Timetables: of which kind they are, how one of another kind begins, and what they say in words. */
import type { TFunction } from "i18next";
import i18next from "i18next";
import type { MonthDay, Schedule, Timetable, Weekday } from "../api";

/** Monday first. */
export const weekdays: Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const workdays = weekdays.slice(0, 5);

/** The kinds of schedules. */
export type ScheduleKind = "manual" | "minutes" | "hours" | "daily" | "weekly" | "monthly" | "cron";

/** Of which kind a schedule is. */
export function kindOf(schedule: Schedule): ScheduleKind {
  return schedule === "manual" ? "manual" : (Object.keys(schedule)[0] as ScheduleKind);
}

/** Left out: nothing happens by the clock. */
export const manual: Timetable = { schedule: "manual", zone: "local", jitterMinutes: 0 };

/** A timetable by this computer's clock. */
export function byClock(schedule: Schedule): Timetable {
  return { schedule, zone: "local", jitterMinutes: 0 };
}

/** Times of day a schedule names, if it does. */
function timesOf(schedule: Schedule): string[] {
  if (schedule === "manual") {
    return [];
  }
  if ("daily" in schedule) {
    return schedule.daily.times;
  }
  if ("weekly" in schedule) {
    return schedule.weekly.times;
  }
  if ("monthly" in schedule) {
    return [schedule.monthly.time];
  }
  return "hours" in schedule ? [schedule.hours.from] : [];
}

/** A schedule of another kind; times of day that were chosen stay. `cron` is the line of the old one, if it has one. */
export function ofKind(kind: ScheduleKind, old: Schedule, cron?: string | null): Schedule {
  if (kind === kindOf(old)) {
    return old;
  }
  const times = timesOf(old).length > 0 ? timesOf(old) : ["02:00"];
  const first = times[0] ?? "02:00";
  switch (kind) {
    case "manual":
      return "manual";
    case "minutes":
      return { minutes: { every: 30 } };
    case "hours":
      return { hours: { every: 6, from: first, days: [] } };
    case "daily":
      return { daily: { times } };
    case "weekly":
      return { weekly: { days: ["mon"], times } };
    case "monthly":
      return { monthly: { on: { day: 1 }, time: first } };
    case "cron":
      return { cron: { expression: cron ?? "0 */6 * * *" } };
  }
}

function list(words: string[]): string {
  return new Intl.ListFormat(i18next.language, { type: "conjunction" }).format(words);
}

/** The days in words: `all days`, `Monday to Friday`, `Mondays and Fridays`. */
export function dayWords(days: Weekday[], t: TFunction): string {
  const chosen = weekdays.filter((day) => days.includes(day));
  if (chosen.length === 0 || chosen.length === 7) {
    return t("plans:days.all");
  }
  if (chosen.join() === workdays.join()) {
    return t("plans:days.work");
  }
  if (chosen.join() === "sat,sun") {
    return t("plans:days.weekend");
  }
  return list(chosen.map((day) => t(`plans:days.${day}`)));
}

/** Which day of the month: `12th of the month`, `first Sunday of the month`. */
export function monthDayWords(on: MonthDay, t: TFunction): string {
  if (on === "last") {
    return t("plans:month.last");
  }
  if ("first" in on) {
    return t("plans:month.first", { day: t(`plans:day.${on.first}`) });
  }
  const rule = new Intl.PluralRules(i18next.language, { type: "ordinal" }).select(on.day);
  return t("plans:month.day", { nth: t(`plans:nth.${rule}`, { n: on.day }) });
}

/** The schedule in words: `every 6 hours from 03:00`, `Sundays 03:30`. Lines of a person's own stay lines. */
export function scheduleWords(schedule: Schedule, t: TFunction): string {
  if (schedule === "manual") {
    return t("plans:words.manual");
  }
  if ("minutes" in schedule) {
    const { every } = schedule.minutes;
    return t("plans:words.minutes", { count: every, n: every });
  }
  if ("hours" in schedule) {
    const { every, from, days } = schedule.hours;
    const words = t("plans:words.hours", { count: every, n: every, time: from });
    return days.length === 0 ? words : t("plans:words.on", { words, days: dayWords(days, t) });
  }
  if ("daily" in schedule) {
    const { times } = schedule.daily;
    const night = times.length === 1 && (times[0] ?? "") < "06:00";
    return t(night ? "plans:words.night" : "plans:words.daily", { times: list([...times].sort()) });
  }
  if ("weekly" in schedule) {
    const { days, times } = schedule.weekly;
    return t("plans:words.weekly", { days: dayWords(days, t), times: list([...times].sort()) });
  }
  if ("monthly" in schedule) {
    const { on, time } = schedule.monthly;
    return t("plans:words.monthly", { day: monthDayWords(on, t), time });
  }
  return schedule.cron.expression;
}

/** A name for a plan, from its schedule: `Every 6 hours`, `Nightly`. */
export function nameFor(schedule: Schedule, taken: string[], t: TFunction): string {
  const base = () => {
    if (schedule === "manual" || "cron" in schedule || "monthly" in schedule) {
      return t("plans:name.own");
    }
    if ("minutes" in schedule) {
      const { every } = schedule.minutes;
      return t("plans:name.minutes", { count: every, n: every });
    }
    if ("hours" in schedule) {
      const { every } = schedule.hours;
      return t("plans:name.hours", { count: every, n: every });
    }
    if ("weekly" in schedule) {
      return t("plans:name.weekly");
    }
    const { times } = schedule.daily;
    return t(
      times.length > 1
        ? "plans:name.severalDaily"
        : times[0] && times[0] < "06:00"
          ? "plans:name.nightly"
          : "plans:name.daily",
    );
  };
  const name = base();
  for (let number = 1; ; number++) {
    const full = number === 1 ? name : `${name} ${number}`;
    if (!taken.includes(full)) {
      return full;
    }
  }
}

/** The zone of this computer. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The last part of a zone's name, for people: `Europe/Copenhagen` gives `Copenhagen`. */
export function zoneCity(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
