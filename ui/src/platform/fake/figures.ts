/** Figures of the fake: the invented runs day by day; before those there were others, made up from a seed. */
import type { DayPoint, FiguresReply, RunCounts, SourceFigures, Verdict } from "../../api/generated";
import { agesOf, dayName, drillsOf } from "./drills";
import { openHolds } from "./guards";
import type { Handlers } from "./handlers";
import { planned } from "./overviewPlans";
import { seeded } from "./random";
import { vaultState } from "./vaults";
import type { World, WorldSource } from "./world";

const order: Verdict[] = ["failed", "partial", "cancelled", "complete"];

function counts(verdicts: (Verdict | null | undefined)[]): RunCounts {
  const of = (wanted: Verdict) => verdicts.filter((one) => one === wanted).length;
  return { complete: of("complete"), partial: of("partial"), failed: of("failed"), cancelled: of("cancelled") };
}

function dayOf(world: World, ago: number): Date {
  return new Date(world.now.getFullYear(), world.now.getMonth(), world.now.getDate() - ago);
}

/** A day before the runs that are known one by one. */
function earlier(source: WorldSource, day: Date, ago: number, next: () => number): DayPoint {
  const failed = next() < 0.02;
  const growth = 1 - ago / 1400;
  return {
    day: dayName(day),
    runs: counts([failed ? "failed" : "complete"]),
    worst: failed ? "failed" : "complete",
    ...(failed ? {} : { size: Math.round(source.bytes * growth) }),
    stored: failed ? 0 : Math.round(source.bytes * 0.001 * next()),
    changes: [Math.round(next() * 40), Math.round(next() * 200), Math.round(next() * 8)],
    seconds: 20 + Math.round(next() * 90),
    ageMinutes: failed ? 2000 : 560,
  };
}

function known(source: WorldSource, day: Date, ages: Map<string, number>): DayPoint | undefined {
  const runs = source.points.filter((point) => new Date(point.time).toDateString() === day.toDateString());
  const [first] = runs;
  if (!first) {
    return undefined;
  }
  const name = dayName(day);
  const age = ages.get(name);
  const back = source.points.length - source.points.indexOf(first);
  const worst = order.find((verdict) => runs.some((run) => run.verdict === verdict));
  return {
    day: name,
    runs: counts(runs.map((run) => run.verdict)),
    ...(worst ? { worst } : {}),
    ...(runs.some((run) => run.snapshot) ? { size: Math.round(source.bytes * (1 - back / 1400)) } : {}),
    stored: runs.reduce((sum, run) => sum + (run.snapshot ? run.stored : 0), 0),
    changes: [12, 80, 3],
    seconds: Math.max(...runs.map((run) => run.seconds ?? 0)),
    ...(age !== undefined ? { ageMinutes: age } : {}),
  };
}

function figures(world: World, source: WorldSource, days: number): SourceFigures {
  const ages = new Map(agesOf(world, source, 15));
  const next = seeded(source.files + source.row.name.length);
  const points: DayPoint[] = [];
  const whole = source.points.length >= 14;
  for (let ago = days - 1; ago >= 0; ago--) {
    const day = dayOf(world, ago);
    const point = ago >= 14 ? (whole ? earlier(source, day, ago, next) : undefined) : known(source, day, ages);
    if (point) {
      points.push(point);
    }
  }
  const sum = (name: keyof RunCounts) => points.reduce((all, point) => all + point.runs[name], 0);
  const runs = {
    complete: sum("complete"),
    partial: sum("partial"),
    failed: sum("failed"),
    cancelled: sum("cancelled"),
  };
  const ended = runs.complete + runs.partial + runs.failed;
  const good = source.points.filter((point) => point.verdict === "complete").at(-1);
  const drills = drillsOf(world, source.row.name).filter((drill) => !drill.oneEach);
  const last = drills[0];
  const plan = planned(world, source);
  return {
    source: source.row.name,
    kind: source.row.kind,
    health: source.points.at(-1)?.verdict ?? "none",
    overdue: plan.overdue,
    held: openHolds(world, source.row.name).length > 0,
    ...(good
      ? { lastGood: good.time, rpoMinutes: Math.round((world.now.getTime() - Date.parse(good.time)) / 60_000) }
      : {}),
    ...(plan.next ? { next: plan.next } : {}),
    ...(plan.promiseMinutes ? { promiseMinutes: plan.promiseMinutes } : {}),
    runs,
    ...(ended > 0 ? { successPercent: (runs.complete * 100) / ended } : {}),
    ...(last ? { rtoSeconds: last.seconds, drilled: last.started, drillVerdict: last.verdict } : {}),
    drills: [...drills].reverse().map((drill): [string, number] => [drill.started, drill.seconds]),
    days: points,
  };
}

/** Answers about figures. */
export const handlers: Handlers = {
  figures: ({ days, source }, { world }): FiguresReply => {
    const span = Math.min(730, days ?? 30);
    const wanted = world.sources.filter((one) => !source || one.row.name === source);
    const sources = wanted
      .map((one) => figures(world, one, span))
      .sort((one, other) => one.source.localeCompare(other.source));
    const sum = (name: keyof RunCounts) => sources.reduce((all, one) => all + one.runs[name], 0);
    const runs = {
      complete: sum("complete"),
      partial: sum("partial"),
      failed: sum("failed"),
      cancelled: sum("cancelled"),
    };
    const ended = runs.complete + runs.partial + runs.failed;
    const never = sources.filter((one) => one.rtoSeconds == null).length;
    const total = sources.filter((one) => one.promiseMinutes).reduce((all, one) => all + one.days.length, 0);
    return {
      from: dayName(dayOf(world, span - 1)),
      to: dayName(world.now),
      sources,
      runs,
      ...(ended > 0 ? { successPercent: (runs.complete * 100) / ended } : {}),
      ...(sources.length > 0 ? { rpoMinutes: Math.max(...sources.map((one) => one.rpoMinutes ?? 0)) } : {}),
      ...(never === 0 && sources.length > 0
        ? { rtoSeconds: sources.reduce((all, one) => all + (one.rtoSeconds ?? 0), 0) }
        : {}),
      neverDrilled: never,
      moments: [total, Math.max(0, total - runs.failed)],
      used: world.vaults.reduce((all, vault) => all + vaultState(world, vault.name).bytes, 0),
    };
  },
};
