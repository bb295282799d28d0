/** The plans of the fake's world: five, one of them overdue. */
import type { PlanRow, PlanSpec, Schedule, Timetable } from "../../api/generated";
import { hexId } from "./random";
import type { World } from "./world";

/** What a plan is; the rest of its row follows from it. */
export type PlanSeed = Pick<
  PlanRow,
  "id" | "name" | "sources" | "vaults" | "spec" | "enabled" | "pausedUntil" | "waiting"
>;

function by(schedule: Schedule): Timetable {
  return { schedule, zone: "local", jitterMinutes: 0 };
}

/** A plan's settings with the usual rest. */
export function specOf(schedule: Schedule, part: Partial<PlanSpec> = {}): PlanSpec {
  return {
    timetable: by(schedule),
    rules: {
      missed: "catchUp",
      battery: { wait: { maxMinutes: 720 } },
      metered: { wait: { maxMinutes: 720 } },
      busy: "queue",
      quiet: [],
    },
    keep: { preset: "30d-hourly-12m-daily" },
    upkeep: {
      forget: by({ daily: { times: ["02:00"] } }),
      prune: by({ weekly: { days: ["sun"], times: ["04:30"] } }),
      structure: by({ weekly: { days: ["sun"], times: ["03:30"] } }),
      sample: by({ daily: { times: ["02:30"] } }),
      samplePercent: 5,
      full: by({ monthly: { on: { first: "sun" }, time: "05:00" } }),
      drill: by({ monthly: { on: { day: 12 }, time: "01:00" } }),
      drillOne: by({ daily: { times: ["04:00"] } }),
      targetMinutes: 10,
    },
    guards: { sharePercent: 25, count: 500, least: 20, emptied: true, schema: true, coverage: true },
    hooks: {},
    retry: { times: 4, minutes: 2 },
    ...part,
  };
}

function seed(
  number: number,
  name: string,
  sources: string[],
  schedule: Schedule,
  part: Partial<PlanSeed> = {},
): PlanSeed {
  return {
    id: hexId(6000 + number, 16),
    name,
    sources,
    vaults: ["Office NAS", "Blue USB disk"],
    spec: specOf(schedule),
    enabled: true,
    waiting: [],
    ...part,
  };
}

const seeds = new WeakMap<World, PlanSeed[]>();

/** The plans of a world; tests may change them. */
export function planSeeds(world: World): PlanSeed[] {
  const known = seeds.get(world);
  if (known) {
    return known;
  }
  const made =
    world.sources.length === 0
      ? []
      : [
          seed(1, "Every 6 hours", ["Team wiki"], { hours: { every: 6, from: "03:00", days: [] } }),
          seed(2, "Half-hourly", ["Orders", "Field notes"], { minutes: { every: 30 } }),
          seed(3, "Hourly", ["Product ops"], { hours: { every: 1, from: "00:00", days: [] } }),
          seed(4, "Every 3 hours", ["Billing"], { cron: { expression: "0 */3 * * 1-5" } }, { vaults: [] }),
          seed(5, "Nightly", ["Harbour map", "Contracts"], { daily: { times: ["02:00"] } }),
        ];
  seeds.set(world, made);
  return made;
}

/** One more plan, for tests and lists that are long. */
export function addSeed(world: World, number: number, name: string, part: Partial<PlanSeed> = {}): PlanSeed {
  const made = seed(number, name, ["Billing"], { daily: { times: ["02:00"] } }, part);
  planSeeds(world).push(made);
  return made;
}
