/** Which entries of the audit trail are shown: words, who, what, when. Pure, so that every case can be tested. */
import type { AuditRequest, AuditRow } from "../api";
import { dayOffset } from "../i18n/format";

/** What was done, in groups a person thinks in: an entry belongs to a group when its action is one of these or begins with one and a dot. */
export const groups = {
  runs: ["backup", "check", "forget", "prune", "repair", "drill", "snapshot.remove"],
  restores: ["restore", "undo"],
  plans: ["plan", "clock"],
  guards: ["guard", "snapshot.pin", "snapshot.unpin"],
  sources: ["source"],
  vaults: ["vault", "kit"],
  told: ["channel"],
  agent: ["agent"],
  lock: ["lock", "settings"],
  bundles: ["export", "import"],
  sample: ["sample"],
} as const satisfies Record<string, string[]>;

/** A group of actions. */
export type ActionGroup = keyof typeof groups;
/** Names of the groups, in the order they are offered. */
export const groupNames = Object.keys(groups) as ActionGroup[];

/** Times that are offered; `own` is from one day to another. */
export const times = ["today", "week", "month", "year", "own"] as const;
/** A time that is offered. */
export type AuditTime = (typeof times)[number];

/** What a person chose; `null` and empty texts let everything pass. */
export interface AuditChoice {
  text: string;
  who: string | null;
  group: ActionGroup | null;
  time: AuditTime | null;
  /** First and last day of `own`, as `2026-11-20`; empty: no bound. */
  from: string;
  to: string;
}

/** Everything passes. */
export const everything: AuditChoice = { text: "", who: null, group: null, time: null, from: "", to: "" };

/** Whether anything is chosen at all. */
export function isChosen(choice: AuditChoice): boolean {
  const own = choice.time !== "own" || choice.from !== "" || choice.to !== "";
  return choice.text.trim() !== "" || choice.who !== null || choice.group !== null || (choice.time !== null && own);
}

function midnight(day: string): Date | undefined {
  const [year, month, date] = day.split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date) : undefined;
}

/** First and last millisecond that pass. Whole days in the zone of this computer. */
export function bounds(choice: AuditChoice, now: Date): { since: number; until: number } {
  const days = { today: 0, week: 6, month: 29, year: 364 };
  if (choice.time === null) {
    return { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  }
  if (choice.time !== "own") {
    return { since: dayOffset(now, -days[choice.time]).getTime(), until: Number.POSITIVE_INFINITY };
  }
  const from = midnight(choice.from);
  const to = midnight(choice.to);
  return {
    since: from?.getTime() ?? Number.NEGATIVE_INFINITY,
    until: to ? dayOffset(to, 1).getTime() - 1 : Number.POSITIVE_INFINITY,
  };
}

/** The part of a choice the engine can answer; absent when there is none. */
export function asked(choice: AuditChoice, now: Date): Pick<AuditRequest, "actor" | "since" | "until"> | undefined {
  const { since, until } = bounds(choice, now);
  const wanted = {
    ...(choice.who === null ? {} : { actor: choice.who }),
    ...(Number.isFinite(since) ? { since: new Date(since).toISOString() } : {}),
    // The engine's end is the first moment that no longer counts.
    ...(Number.isFinite(until) ? { until: new Date(until + 1).toISOString() } : {}),
  };
  return Object.keys(wanted).length > 0 ? wanted : undefined;
}

function inGroup(action: string, group: ActionGroup): boolean {
  return groups[group].some((name) => action === name || action.startsWith(`${name}.`));
}

/** Makes the test an entry has to pass. `said` adds what its row says on the screen. */
export function passes(choice: AuditChoice, now: Date, said: (row: AuditRow) => string): (row: AuditRow) => boolean {
  const words = choice.text.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const { since, until } = bounds(choice, now);
  return (row) => {
    const at = Date.parse(row.time);
    if (at < since || at > until || (choice.who !== null && row.actor !== choice.who)) {
      return false;
    }
    if (choice.group !== null && !inGroup(row.action, choice.group)) {
      return false;
    }
    if (words.length === 0) {
      return true;
    }
    const detail = JSON.stringify(row.detail);
    const text = [row.action, row.object, row.actor, row.program, said(row), detail].join("\n").toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
}
