/** Times to come as people say them, and what a plan's state and reasons are called. */
import type { TFunction } from "i18next";
import i18next from "i18next";
import type { PlanRow, PlanState, WaitingSlot } from "../api";
import { clock, count, dayOffset, sameDay, weekdayMonth } from "../i18n/format";
import type { Status } from "../shared/StatusGlyph";

function format(time: Date, options: Intl.DateTimeFormatOptions): string {
  const language = i18next.language === "en" ? "en-GB" : i18next.language;
  return new Intl.DateTimeFormat(language, options).format(time);
}

/** `today 15:00`, `tomorrow 03:00`, `Sun 22 Nov, 03:00`; within a sentence. */
export function soon(time: string | Date, now: Date, t: TFunction): string {
  const date = new Date(time);
  if (sameDay(date, now)) {
    return t("common:time.todayAt", { time: clock(date) });
  }
  if (sameDay(date, dayOffset(now, 1))) {
    return t("plans:time.tomorrowAt", { time: clock(date) });
  }
  if (sameDay(date, dayOffset(now, -1))) {
    return t("common:time.yesterdayAt", { time: clock(date) });
  }
  return `${weekdayMonth(date)}, ${clock(date)}`;
}

/** `Today`, `Tomorrow, Saturday`, `Sunday 22 November`: the day of a run to come. */
export function dayToCome(time: string | Date, now: Date, t: TFunction): string {
  const date = new Date(time);
  if (sameDay(date, now)) {
    return t("common:time.today");
  }
  if (sameDay(date, dayOffset(now, 1))) {
    return t("plans:time.tomorrow", { day: format(date, { weekday: "long" }) });
  }
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return format(date, { weekday: "long", day: "numeric", month: "long", ...year }).replace(/^(\p{L}+),/u, "$1");
}

/** `7 hours`, `1 day`, `90 minutes`: the largest unit that says it without a rest. */
export function span(minutes: number, t: TFunction): string {
  if (minutes % 1440 === 0) {
    return t("plans:time.days", { count: minutes / 1440, n: count(minutes / 1440) });
  }
  if (minutes % 60 === 0) {
    return t("plans:time.hours", { count: minutes / 60, n: count(minutes / 60) });
  }
  return t("plans:time.minutes", { count: minutes, n: count(minutes) });
}

const states: Record<PlanState, Status> = {
  guard: "guard",
  failed: "failed",
  overdue: "overdue",
  partial: "partial",
  running: "running",
  waiting: "paused",
  paused: "paused",
  onTime: "complete",
  notYet: "none",
};

/** The shape of a plan's state. */
export function planStatus(plan: PlanRow): Status {
  return states[plan.state];
}

const known = [
  "asleep",
  "off",
  "notRunning",
  "battery",
  "metered",
  "quiet",
  "paused",
  "busy",
  "otherProcess",
  "offline",
  "retry",
  "clockAhead",
  "superseded",
  "interrupted",
  "partial",
  "cancelled",
  "failed",
  "unknown",
];

/** Why a moment was delayed or left out, in a few words. Codes this window does not know are shown as they are. */
export function reasonWords(code: string, t: TFunction): string {
  if (known.includes(code)) {
    return t(`plans:reason.${code}`);
  }
  const title = t(`common:error.${code}.title`, { defaultValue: "" });
  return title === "" ? code : title.replace(/[.!]$/, "");
}

/** The slot of the backup that waits, if one does. */
export function waitingBackup(plan: PlanRow): WaitingSlot | undefined {
  return plan.waiting.find((slot) => slot.task === "backup") ?? plan.waiting[0];
}

/** That a person switched it off or paused it, and until when. */
export function restWords(plan: PlanRow, now: Date, t: TFunction): string | undefined {
  if (!plan.enabled) {
    return t("plans:state.off");
  }
  const until = plan.pausedUntil && new Date(plan.pausedUntil);
  return until && until > now ? t("plans:state.pausedUntil", { time: soon(until, now, t) }) : undefined;
}

/** A plan's state in words: "Field notes overdue", "Waits: on battery", "Paused until tomorrow 08:00". */
export function stateWords(plan: PlanRow, now: Date, t: TFunction): string {
  switch (plan.state) {
    case "overdue":
      return plan.overdue.length === 1
        ? t("plans:state.overdueOne", { name: plan.overdue[0] })
        : t("plans:state.overdue", { count: plan.overdue.length, n: count(plan.overdue.length) });
    case "waiting": {
      const slot = waitingBackup(plan);
      return slot ? t("plans:state.waits", { reason: reasonWords(slot.reason, t) }) : t("common:status.waiting");
    }
    case "paused":
      return restWords(plan, now, t) ?? t("common:status.paused");
    case "onTime":
      return t("plans:state.onTime");
    default:
      return t(`common:status.${states[plan.state]}`);
  }
}
