/** Numbers, sizes, ages and dates as people read them, in the language of the window. */
import i18next from "i18next";

const caches = new Map<string, unknown>();

function cached<T>(key: string, make: (language: string) => T): T {
  const language = i18next.language || "en";
  const full = `${language} ${key}`;
  let value = caches.get(full) as T | undefined;
  if (value === undefined) {
    value = make(language);
    caches.set(full, value);
  }
  return value;
}

/** Formats dates; a time that is none becomes a dash, so that one bad value does not take a page away. */
function dateFormat(key: string, options: Intl.DateTimeFormatOptions): { format: (date: Date) => string } {
  // British English: day before month, 24 hours.
  const format = cached(key, (language) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options));
  return { format: (date) => (Number.isNaN(date.getTime()) ? "–" : format.format(date)) };
}

/** `1,204,118` */
export function count(value: number): string {
  return cached("count", (language) => new Intl.NumberFormat(language)).format(value);
}

/** A number with a fixed count of digits after the point. */
export function decimal(value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return cached(`decimal${digits}`, (language) => new Intl.NumberFormat(language, options)).format(value);
}

const units = ["B", "KB", "MB", "GB", "TB", "PB"];

/** `0 B`, `184 KB`, `6.8 MB`, `86 MB`, `12.8 GB`: decimal units, a digit after the point where it says something. */
export function bytes(value: number): string {
  let step = 0;
  let scaled = value;
  while (scaled >= 999.5 && step < units.length - 1) {
    scaled /= 1000;
    step++;
  }
  const fine = step >= 2 && (scaled < 9.95 || (step >= 3 && scaled < 99.95));
  return `${fine ? decimal(scaled, 1) : count(Math.round(scaled))} ${units[step]}`;
}

/** `43 %`; never rounds to 100 what is not whole. */
export function percent(part: number, whole: number, digits = 0): string {
  const exact = whole === 0 ? 100 : (part / whole) * 100;
  const step = 10 ** -digits;
  const shown = part < whole ? Math.min(exact, 100 - step) : exact;
  // All of it needs no digits to show that nothing is missing.
  return `${decimal(shown, shown === 100 ? 0 : digits)} %`;
}

/** `21 s`, `1 min 12 s`, `4 h 5 min`, `2 days 3 h` */
export function duration(seconds: number): string {
  return lasting(seconds, "common:time.days");
}

/** A duration; `days` is the text for days, which has another case after "ago" in some languages. */
function lasting(seconds: number, days: "common:time.days" | "common:time.daysAgo"): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole === 0 && seconds > 0) {
    return i18next.t("common:time.instant");
  }
  if (whole < 60) {
    return i18next.t("common:time.seconds", { n: count(whole) });
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    const rest = whole % 60;
    const first = i18next.t("common:time.minutes", { n: minutes });
    return rest && minutes < 10 ? `${first} ${i18next.t("common:time.seconds", { n: rest })}` : first;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    const first = i18next.t("common:time.hours", { n: hours });
    return rest && hours < 10 ? `${first} ${i18next.t("common:time.minutes", { n: rest })}` : first;
  }
  const whole24 = Math.floor(hours / 24);
  const rest = hours % 24;
  const first = i18next.t(days, { count: whole24, n: count(whole24) });
  return rest && whole24 < 7 ? `${first} ${i18next.t("common:time.hours", { n: rest })}` : first;
}

/** `just now`, `41 min ago`, `2 days 3 h ago`, `in 5 min` */
export function age(time: string | Date, now: Date = new Date()): string {
  const seconds = (now.getTime() - new Date(time).getTime()) / 1000;
  if (Number.isNaN(seconds)) {
    return "–";
  }
  if (Math.abs(seconds) < 45) {
    return i18next.t("common:time.now");
  }
  // Coarser than a duration: minutes without seconds, hours without minutes.
  const amount = Math.abs(seconds);
  const coarse = amount < 3600 ? Math.max(60, Math.round(amount / 60) * 60) : Math.round(amount / 3600) * 3600;
  return i18next.t(seconds > 0 ? "common:time.ago" : "common:time.ahead", {
    time: lasting(coarse, "common:time.daysAgo"),
  });
}

/** `Thursday 19 November 2026, 21:00:04` */
export function exact(time: string | Date): string {
  const date = new Date(time);
  const day = dateFormat("longDay", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date);
  const clock = dateFormat("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date);
  return `${day.replace(/^(\p{L}+),/u, "$1")}, ${clock}`;
}

/** `21:00` */
export function clock(time: string | Date): string {
  return dateFormat("clock", { hour: "2-digit", minute: "2-digit" }).format(new Date(time));
}

/** `21:00:04` */
export function clockSeconds(time: string | Date): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return dateFormat("seconds", options).format(new Date(time));
}

/** `2 March 2026` */
export function calendarDay(time: string | Date): string {
  return dateFormat("date", { day: "numeric", month: "long", year: "numeric" }).format(new Date(time));
}

/** Whether both are on the same day, in the zone of this computer. */
export function sameDay(one: string | Date, other: string | Date): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** Midnight that many days from the day of `time`. */
export function dayOffset(time: string | Date, days: number): Date {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}

/** `Today`, `Yesterday`, `Wednesday 18 November`, with the year if it is another one. */
export function day(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  if (sameDay(date, now)) {
    return i18next.t("common:time.today");
  }
  if (sameDay(date, dayOffset(now, -1))) {
    return i18next.t("common:time.yesterday");
  }
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  if (date.getFullYear() !== now.getFullYear()) {
    options.year = "numeric";
  }
  const key = options.year ? "dayYear" : "day";
  return dateFormat(key, options)
    .format(date)
    .replace(/^(\p{L}+),/u, "$1");
}

/** `Saturday 14 November`; for use within a sentence. */
export function longDay(time: string | Date): string {
  return dateFormat("day", { weekday: "long", day: "numeric", month: "long" })
    .format(new Date(time))
    .replace(/^(\p{L}+),/u, "$1");
}

/** `Tue 10` or, short, `18 Nov`; for axes. */
export function shortDay(time: string | Date, weekday = true): string {
  const date = new Date(time);
  return weekday
    ? dateFormat("shortWeekday", { weekday: "short", day: "numeric" }).format(date).replace(/[,.]/g, "")
    : dateFormat("shortDay", { day: "numeric", month: "short" }).format(date).replace(/\.$/, "");
}

/** `Sat` */
export function shortWeekday(time: string | Date): string {
  return dateFormat("weekday", { weekday: "short" }).format(new Date(time)).replace(/\.$/, "");
}

/** `Tue 10 Nov`; for labels of single days. */
export function weekdayMonth(time: string | Date): string {
  return dateFormat("weekdayMonth", { weekday: "short", day: "numeric", month: "short" })
    .format(new Date(time))
    .replace(/[,.]/g, "");
}

/** `today 03:00`, `yesterday 21:00`, `Wed 18 Nov, 09:00`; for use within a sentence. */
export function moment(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  if (sameDay(date, now)) {
    return i18next.t("common:time.todayAt", { time: clock(date) });
  }
  if (sameDay(date, dayOffset(now, -1))) {
    return i18next.t("common:time.yesterdayAt", { time: clock(date) });
  }
  if (Number.isNaN(date.getTime())) {
    return "–";
  }
  const year = date.getFullYear() === now.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${weekdayMonth(date)}${year}, ${clock(date)}`;
}

/** `8.4 MB/s` */
export function rate(bytesPerSecond: number): string {
  return i18next.t("common:time.perSecond", { amount: bytes(bytesPerSecond) });
}
