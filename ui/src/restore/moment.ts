/** Reading a point in time as a person types it: `19 November 2026, 22:00`, `19.11.2026 22:00`, `2026-11-19 22:00`, `yesterday 21:00`. */
import i18next from "i18next";

function months(language: string): string[] {
  const format = new Intl.DateTimeFormat(language, { month: "long" });
  return Array.from({ length: 12 }, (_, month) => format.format(new Date(2026, month, 15)).toLowerCase());
}

function monthNumber(name: string): number {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  for (const language of [i18next.language || "en", "en"]) {
    const found = months(language).findIndex((month) => wanted.length >= 3 && month.startsWith(wanted));
    if (found >= 0) {
      return found;
    }
  }
  return -1;
}

function dateOf(text: string, now: Date): [number, number, number] | null {
  const near: Record<string, number> = { today: 0, heute: 0, yesterday: -1, gestern: -1 };
  const word = /^\p{L}+/u.exec(text)?.[0].toLowerCase() ?? "";
  const days = near[word];
  if (days !== undefined) {
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
    return [day.getFullYear(), day.getMonth(), day.getDate()];
  }
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text);
  if (iso) {
    return [Number(iso[1]), Number(iso[2]) - 1, Number(iso[3])];
  }
  const numbers = /^(\d{1,2})[./](\d{1,2})[./](\d{4})?/.exec(text);
  if (numbers) {
    return [Number(numbers[3] ?? now.getFullYear()), Number(numbers[2]) - 1, Number(numbers[1])];
  }
  const named = /^(?:\p{L}+,?\s+)?(\d{1,2})\.?\s+(\p{L}+\.?)(?:,?\s+(\d{4}))?/u.exec(text);
  if (named) {
    const month = monthNumber(named[2] ?? "");
    return month < 0 ? null : [Number(named[3] ?? now.getFullYear()), month, Number(named[1])];
  }
  return null;
}

/** The point in time, or nothing when the text names none. A day without a clock is its end; a clock without a day is today. */
export function parseMoment(given: string, now: Date): Date | null {
  const text = given.trim();
  const clock = /(?:^|[\s,T])(\d{1,2})[:.](\d{2})(?::(\d{2}))?$/.exec(text);
  const rest = clock ? text.slice(0, clock.index).trim() : text;
  const date = rest ? dateOf(rest, now) : clock ? dateOf("today", now) : null;
  if (!date) {
    return null;
  }
  const [hour, minute, second] = clock ? [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 59)] : [23, 59, 59];
  const made = new Date(...date, hour, minute, second);
  const right = made.getMonth() === date[1] && made.getDate() === date[2] && hour < 24 && minute < 60;
  return right ? made : null;
}

/** As the field shows it: `19 November 2026, 22:00`. */
export function momentText(time: Date): string {
  const language = i18next.language === "en" || !i18next.language ? "en-GB" : i18next.language;
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" }).format(time);
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(time);
  return `${day}, ${clock}`;
}
