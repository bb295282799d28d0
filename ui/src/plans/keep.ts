/** Keep rules: which preset they are, what they say in words, and what the engine's reasons are called. */
import type { TFunction } from "i18next";
import i18next from "i18next";
import type { KeepDay, KeepSpec } from "../api";
import { count } from "../i18n/format";

/** The choices above the sentence. */
export const presets = ["everything", "30d-hourly-12m-daily", "30d-12w-12m", "own"] as const;
/** One of them. */
export type Preset = (typeof presets)[number];

/** Rules with a number, in the order of the sentence. */
export const counted = ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const;
/** Rules with a span of time. */
export const spanned = ["within", "olderThan"] as const;

function hasOwn(keep: KeepSpec): boolean {
  return (
    counted.some((rule) => (keep[rule] ?? 0) > 0) ||
    spanned.some((rule) => Boolean(keep[rule])) ||
    (keep.tags?.length ?? 0) > 0
  );
}

/** Which preset rules are. */
export function presetOf(keep: KeepSpec): Preset {
  if (keep.forever || (!keep.preset && !hasOwn(keep))) {
    return "everything";
  }
  return !hasOwn(keep) && presets.includes(keep.preset as Preset) ? (keep.preset as Preset) : "own";
}

/** Rules of a preset; own ones begin with what the preset before them says. */
export function ofPreset(preset: Preset, old: KeepSpec): KeepSpec {
  switch (preset) {
    case "everything":
      return {};
    case "own":
      return old.preset === "30d-hourly-12m-daily"
        ? { hourly: 720, daily: 365 }
        : old.preset === "30d-12w-12m" || !hasOwn(old)
          ? { daily: 30, weekly: 12, monthly: 12 }
          : old;
    default:
      return { preset };
  }
}

/** `30d`, `1y6m`, `12h`: whether a span is one. */
export function isSpan(text: string): boolean {
  return /^(\d+[ymwdh])+$/.test(text.trim());
}

/** A span in words: `1 year 6 months`. */
export function spanWords(text: string, t: TFunction): string {
  const parts = [...text.matchAll(/(\d+)([ymwdh])/g)];
  return parts.length === 0
    ? text
    : parts.map(([, n, unit]) => t(`plans:keep.span-${unit}`, { count: Number(n), n: count(Number(n)) })).join(" ");
}

/** What own rules keep, in one sentence. */
export function keepWords(keep: KeepSpec, t: TFunction): string {
  const parts = [
    ...(keep.preset ? [t(`plans:keep.said.${keep.preset}`)] : []),
    ...counted
      .filter((rule) => (keep[rule] ?? 0) > 0)
      .map((rule) => t(`plans:keep.says.${rule}`, { count: keep[rule] ?? 0, n: count(keep[rule] ?? 0) })),
    ...(keep.within ? [t("plans:keep.says.within", { span: spanWords(keep.within, t) })] : []),
    ...(keep.olderThan ? [t("plans:keep.says.olderThan", { span: spanWords(keep.olderThan, t) })] : []),
    ...(keep.tags?.length ? [t("plans:keep.says.tags", { tags: keep.tags.join(", ") })] : []),
  ];
  return new Intl.ListFormat(i18next.language, { type: "conjunction" }).format(parts);
}

const forms: [RegExp, string][] = [
  [/^policy is empty$/, "noRules"],
  [/^kept for ever$/, "forever"],
  [/^last snapshot$/, "last"],
  [/^(hourly|daily|weekly|monthly|yearly) snapshot$/, "each"],
  [/^(hourly|daily|weekly|monthly|yearly) within (\S+)$/, "eachWithin"],
  [/^within (\S+)$/, "within"],
  [/^pinned$/, "pinned"],
  [/^(has tag )?held by guard$/, "held"],
  [/^has tag (.+)$/, "tag"],
  [/^not older than (\S+)$/, "notOlderThan"],
  [/^safety copy, kept (\d+) days?$/, "undo"],
  [/^newest complete snapshot$/, "newestComplete"],
  [/^newest snapshot, none is complete$/, "onlyPartial"],
];

/** A reason of the engine, which has fixed forms, in the window's language. Forms this window does not know stay as they are. */
export function keepReason(reason: string, t: TFunction): string {
  for (const [form, key] of forms) {
    const found = form.exec(reason);
    if (!found) {
      continue;
    }
    const [, one = "", other = ""] = found;
    switch (key) {
      case "each":
        return t(`plans:keep.why.each-${one}`);
      case "eachWithin":
        return t("plans:keep.why.eachWithin", { what: t(`plans:keep.why.each-${one}`), span: spanWords(other, t) });
      case "undo":
        return t("plans:keep.why.undo", { count: Number(one), n: count(Number(one)) });
      default:
        return t(`plans:keep.why.${key}`, { tag: one, span: spanWords(one, t) });
    }
  }
  return reason;
}

/** How a day looks in the calendar. */
export type DayKind = "none" | "many" | "one" | "some" | "gone";

/** The kind of a day. */
export function dayKind(day: KeepDay | undefined): DayKind {
  if (!day || day.stay + day.go === 0) {
    return "none";
  }
  if (day.go > 0) {
    return day.stay > 0 ? "some" : "gone";
  }
  return day.stay > 1 ? "many" : "one";
}

/** `2026-11-20` as a day of this computer's calendar. */
export function dayFrom(text: string): Date {
  const [year = 0, month = 1, day = 1] = text.split("-").map(Number);
  return new Date(year, month - 1, day);
}

/** A day as `2026-11-20`. */
export function dayText(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
