/** What the overview says: the worst first, in one sentence. Pure, so that every case can be tested. */
import type { AlertRow, Event, JobView, OverviewReply, RunPoint, SourceHealth, VaultHealth } from "../api/generated";
import { dayOffset } from "../i18n/format";
import { type Status, severity, worst } from "../shared/StatusGlyph";
import { needsYou, sourceStatus, worksOn } from "../shared/sourceStatus";

/** A source with its state. */
export interface Rated {
  source: SourceHealth;
  status: Status;
}

/** Where a state stands in the order of severity; *not yet* comes after what failed and before what is well. */
function rank(status: Status): number {
  const at = (severity as readonly string[]).indexOf(status);
  return at < 0 ? severity.length - 2.5 : at;
}

/** All sources, worst first; those of one state by name. */
export function rate(sources: SourceHealth[], jobs: JobView[]): Rated[] {
  return sources
    .map((source) => ({ source, status: sourceStatus(source, jobs) }))
    .sort(
      (one, other) =>
        rank(one.status) - rank(other.status) || one.source.source.name.localeCompare(other.source.source.name),
    );
}

/** A vault whose last check found damage. */
export function isDamaged(vault: VaultHealth): boolean {
  return vault.checked?.verdict === "failed" && vault.checked.reason?.[0] !== "cancelled";
}

/** Alarms that no state of a source or vault shows. */
const others: Event[] = ["drillFailed", "failureRate", "meteredAsk"];

/** The alarms the page has to name by themselves; one for each cause. */
export function otherAlarms(alerts: AlertRow[]): AlertRow[] {
  return alerts.filter(({ message }) => others.includes(message.event));
}

/** Which sentence the page begins with. */
export type Situation = "trouble" | "firstRun" | "notYet" | "running" | "good";

/** Everything the page says. */
export interface Overall {
  situation: Situation;
  /** State of the emblem. */
  worst: Status;
  rated: Rated[];
  /** Sources that need a person. */
  needing: Rated[];
  damaged: VaultHealth[];
  /** Alarms beside those of states. */
  alarms: AlertRow[];
  /** How many sources need a person, by their state or by an alarm. */
  troubled: number;
  /** Sources that need nobody and whose newest run ended complete. */
  good: number;
  /** Source with the oldest good backup: the most that could be lost now. */
  oldest?: { source: SourceHealth; point: RunPoint };
}

function oldestGood(sources: SourceHealth[]): Overall["oldest"] {
  let found: Overall["oldest"];
  for (const source of sources) {
    if (source.lastGood && (!found || source.lastGood.time < found.point.time)) {
      found = { source, point: source.lastGood };
    }
  }
  return found;
}

/** Days the points of an overview go back. */
const DAYS = 14;

/** When a source last got a complete backup later than promised; `null` if it never did within the points that are known. */
function mended(source: SourceHealth, promise: number): number | null {
  const good = source.points.filter((point) => point.verdict === "complete").map((point) => Date.parse(point.time));
  let found: number | null = null;
  good.forEach((time, index) => {
    const before = good[index - 1];
    if (before !== undefined && time - before > promise) {
      found = time;
    }
  });
  return found;
}

/**
 * The day since which all sources have kept their promise, as far as the points go back; absent where one made none or does not
 * keep it now.
 */
export function keptSince(sources: SourceHealth[], now: Date): Date | undefined {
  let since = Number.NEGATIVE_INFINITY;
  let began = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    const first = source.points[0];
    if (!source.promiseMinutes || source.overdue || !source.lastGood) {
      return undefined;
    }
    since = Math.max(since, mended(source, source.promiseMinutes * 60_000) ?? since);
    began = Math.min(began, first ? Date.parse(first.time) : began);
  }
  const start = dayOffset(now, 1 - DAYS).getTime();
  const from = Math.max(since, Number.isFinite(began) ? Math.max(began, start) : start);
  return sources.length > 0 ? new Date(from) : undefined;
}

function situation(rated: Rated[], needing: number, jobs: JobView[]): Situation {
  if (needing > 0) {
    return "trouble";
  }
  const never = rated.filter(({ source }) => !source.last && !source.lastGood);
  const first = never.some(({ source }) => jobs.some((job) => worksOn(job, source.source.name)));
  if (first && never.length === rated.length) {
    return "firstRun";
  }
  if (never.length > 0) {
    return "notYet";
  }
  return rated.some(({ status }) => status === "running") ? "running" : "good";
}

/** Puts it all together. */
export function overall({ sources, vaults }: OverviewReply, jobs: JobView[], alerts: AlertRow[] = []): Overall {
  const rated = rate(sources, jobs);
  const needing = rated.filter(({ status }) => needsYou(status));
  const damaged = vaults.filter(isDamaged);
  const oldest = oldestGood(sources);
  const alarms = otherAlarms(alerts);
  const drilled = alarms.filter(({ message }) => message.event === "drillFailed");
  const named = new Set(needing.map(({ source }) => source.source.name));
  for (const { message } of alarms) {
    if (message.source && rated.some(({ source }) => source.source.name === message.source)) {
      named.add(message.source);
    }
  }
  const now = situation(rated, needing.length + damaged.length + alarms.length, jobs);
  const failed: Status[] = damaged.length + drilled.length > 0 ? ["failed"] : [];
  return {
    situation: now,
    worst:
      now === "firstRun" ? "running" : (worst([...failed, ...rated.slice(0, 1).map(({ status }) => status)]) ?? "none"),
    rated,
    needing,
    damaged,
    alarms,
    troubled: named.size,
    good: rated.filter(({ source }) => source.health === "complete" && !named.has(source.source.name)).length,
    ...(oldest ? { oldest } : {}),
  };
}
