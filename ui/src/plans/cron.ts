/**
 * What is plainly wrong with a cron line, field by field, so that the person reads it in their language while they type. What
 * passes here is still judged by the engine, which knows when a line never happens.
 */
import cronstrue from "cronstrue";
import "cronstrue/locales/de";
import i18next from "i18next";

/** The fields in order. */
export const cronFields = ["minute", "hour", "day", "month", "weekday"] as const;
/** One of them. */
export type CronField = (typeof cronFields)[number];
/** What is wrong: the number of fields, or one of them. */
export type CronProblem = { found: number } | { field: CronField };

const bounds: Record<CronField, [number, number]> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  month: [1, 12],
  weekday: [0, 7],
};
const names: Partial<Record<CronField, string[]>> = {
  month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

function valueFits(value: string, field: CronField): boolean {
  const [least, most] = bounds[field];
  if (/^\d+$/.test(value)) {
    return Number(value) >= least && Number(value) <= most;
  }
  if (names[field]?.includes(value.toUpperCase())) {
    return true;
  }
  // The last day, working days, the second Friday: left to the engine.
  return (field === "day" || field === "weekday") && /^(\d*[LW]|L?W|[\dA-Z]+[#L]\d?)$/i.test(value);
}

function partFits(part: string, field: CronField): boolean {
  const [range = "", step, more] = part.split("/");
  if (more !== undefined || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
    return false;
  }
  if (range === "*" || range === "?") {
    return true;
  }
  const ends = range.split("-");
  return ends.length <= 2 && ends.every((end) => valueFits(end, field));
}

/** The first thing that is wrong with a line. */
export function cronProblem(line: string): CronProblem | undefined {
  const text = line.trim();
  if (text.startsWith("@")) {
    return undefined;
  }
  const parts = text === "" ? [] : text.split(/\s+/);
  if (parts.length !== cronFields.length) {
    return { found: parts.length };
  }
  const field = cronFields.find(
    (name, index) => !(parts[index] ?? "").split(",").every((part) => partFits(part, name)),
  );
  return field && { field };
}

/** A line in words, where it has any. */
export function cronWords(line: string): string | undefined {
  try {
    const locale = i18next.language.startsWith("de") ? "de" : "en";
    return cronstrue.toString(line.trim(), { locale, use24HourTimeFormat: true, throwExceptionOnParseError: true });
  } catch {
    return undefined;
  }
}
