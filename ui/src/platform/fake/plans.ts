/** Plans of the fake: list, set, remove, pause, run, and what timetables, keep rules and moments look like. */
import type { AgentReply, PlanRow, PlanState, PlansReply, Task, Timetable, Topic } from "../../api/generated";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { addSeed, type PlanSeed, planSeeds, specOf } from "./plansData";
import { keepPreview } from "./plansKeep";
import { proofOf } from "./plansProof";
import { checkTimetable, cronOf, nextSlots, promiseOf } from "./plansTimes";
import type { World } from "./world";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const stale: Topic[] = ["plans", "sources", "audit"];
let made = 0;

/** States tests put plans into, by name. */
const forced = new WeakMap<World, Map<string, Partial<PlanRow>>>();

/** Gives a plan's row other members than follow from the world. */
export function forcePlan(world: World, name: string, part: Partial<PlanRow>): void {
  const known = forced.get(world) ?? new Map<string, Partial<PlanRow>>();
  known.set(name, { ...known.get(name), ...part });
  forced.set(world, known);
}

/** The newest run of any of its sources. */
function lastOf(world: World, seed: PlanSeed): Pick<PlanRow, "last"> {
  const points = world.sources.filter((one) => seed.sources.includes(one.row.name)).flatMap((one) => one.points);
  const newest = points.sort((one, other) => one.time.localeCompare(other.time)).at(-1);
  return newest ? { last: [newest.time, newest.verdict ?? null] } : {};
}

function rowOf(world: World, seed: PlanSeed): PlanRow {
  const { now } = world;
  const { upkeep, timetable } = seed.spec;
  const overdue = seed.sources.includes("Field notes") ? ["Field notes"] : [];
  const running = seed.enabled && !seed.pausedUntil;
  const state: PlanState = !running
    ? "paused"
    : seed.waiting.length > 0
      ? "waiting"
      : overdue.length > 0
        ? "overdue"
        : "onTime";
  const tasks: [Task, Timetable][] = [
    ["forget", upkeep.forget],
    ["prune", upkeep.prune],
    ["structure", upkeep.structure],
    ["sample", upkeep.sample],
    ["full", upkeep.full],
    ["drill", upkeep.drill],
    ["drillOne", upkeep.drillOne],
  ];
  return {
    ...seed,
    state,
    overdue,
    held: [],
    promiseMinutes: seed.spec.promiseMinutes ?? promiseOf(timetable.schedule, now),
    words: seed.name,
    cron: cronOf(timetable.schedule),
    next: nextSlots(timetable.schedule, now, 5),
    nextUpkeep: tasks.flatMap(([task, times]) => nextSlots(times.schedule, now, 1).map((at) => ({ task, at }))),
    ...lastOf(world, seed),
    ...(seed.pausedUntil ? { pausedBy: "mara" } : {}),
    ...forced.get(world)?.get(seed.name),
  };
}

function reply(world: World): PlansReply {
  const plans = planSeeds(world)
    .map((seed) => rowOf(world, seed))
    .sort((one, other) => (planSeeds(world).length > 5 ? one.name.localeCompare(other.name) : 0));
  const planned = new Set(plans.flatMap((plan) => plan.sources));
  return {
    plans,
    unplanned: world.sources.map((source) => source.row.name).filter((name) => !planned.has(name)),
    zone: ZONE,
  };
}

function find(world: World, plan: string): PlanSeed {
  const found = planSeeds(world).find((one) => one.name === plan || one.id === plan);
  if (!found) {
    throw notFound("plan", plan);
  }
  return found;
}

/** Answers about plans. */
export const handlers: Handlers = {
  "plan.list": (_, { world }) => reply(world),
  "plan.set": (request, fake) => {
    const { world } = fake;
    checkTimetable(request.spec.timetable, world.now);
    if (planSeeds(world).some((one) => one.name === request.name && one.name !== request.plan)) {
      throw apiError("refused", `There is a plan “${request.name}” already.`, { hint: "Choose another name." });
    }
    const gone = request.sources.find((name) => !world.sources.some((source) => source.row.name === name));
    if (gone) {
      throw notFound("source", gone);
    }
    const seed = request.plan ? find(world, request.plan) : undefined;
    const part = { name: request.name, sources: request.sources, vaults: request.vaults ?? [], spec: request.spec };
    if (request.dryRun) {
      return rowOf(world, { ...(seed ?? { id: "new", enabled: true, waiting: [] }), ...part });
    }
    const row = seed ?? addSeed(world, 100 + ++made, request.name, { spec: specOf("manual") });
    Object.assign(row, part, { enabled: request.enabled ?? row.enabled });
    fake.emit("stale", { topics: stale });
    return rowOf(world, row);
  },
  "plan.remove": ({ plan }, fake) => {
    const all = planSeeds(fake.world);
    all.splice(all.indexOf(find(fake.world, plan)), 1);
    fake.emit("stale", { topics: stale });
    return {};
  },
  "plan.preview": ({ timetable, count }, { world }) => {
    checkTimetable(timetable, world.now);
    return {
      words: "",
      cron: cronOf(timetable.schedule),
      next: nextSlots(timetable.schedule, world.now, count),
      zone: timetable.zone === "local" ? ZONE : timetable.zone,
      promiseMinutes: promiseOf(timetable.schedule, world.now),
    };
  },
  "plan.pause": ({ plan, until }, fake) => {
    for (const seed of plan ? [find(fake.world, plan)] : planSeeds(fake.world)) {
      seed.pausedUntil = until ?? null;
    }
    fake.emit("stale", { topics: stale });
    return reply(fake.world);
  },
  "plan.run": ({ plan, task }, { world }) => ({
    plan: find(world, plan).name,
    task: task ?? "backup",
    verdict: "complete",
    runs: [],
    upkeep: [],
  }),
  "plan.keepPreview": ({ plan, keep, bytes }, { world }) => {
    const seed = find(world, plan);
    return { ...keepPreview(world, seed, keep ?? seed.spec.keep, bytes ?? false), held: rowOf(world, seed).held };
  },
  "plan.proof": async ({ plan, source, since }, fake) => {
    const { world } = fake;
    const { watcher } = (await fake.answer("agent.status", {})) as AgentReply;
    const from = since ? new Date(since) : new Date(world.now.getTime() - 30 * 86_400_000);
    return { ...proofOf(world, find(world, plan), source, from), watcher };
  },
};
