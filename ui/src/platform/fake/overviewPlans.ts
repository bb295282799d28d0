/** What plans promise in the fake's overview: every source has its run once a day, at the time of its last one. */
import type { World, WorldSource } from "./world";

const DAY = 86_400_000;

/** Longest age promised, in minutes: a day and an hour of grace. */
export const PROMISE = 1500;

/** Sources without a plan, by name. Tests add to it. */
const unplanned = new WeakMap<World, Set<string>>();

/** Takes a source out of its plan. */
export function unplan(world: World, source: string): void {
  unplanned.set(world, (unplanned.get(world) ?? new Set()).add(source));
}

/** What the overview says about plans. */
export interface Planned {
  plans: string[];
  next?: string;
  promiseMinutes?: number;
  overdue: boolean;
}

/** How a source stands with its plan. */
export function planned(world: World, source: WorldSource): Planned {
  if (source.sample || unplanned.get(world)?.has(source.row.name)) {
    return { plans: [], overdue: false };
  }
  const last = source.points.at(-1);
  const good = source.points.filter((point) => point.verdict === "complete").at(-1);
  const now = world.now.getTime();
  const age = good ? (now - Date.parse(good.time)) / 60_000 : 0;
  return {
    plans: ["Every day"],
    next: new Date(Math.max(now, (last ? Date.parse(last.time) : now) + DAY)).toISOString(),
    promiseMinutes: PROMISE,
    overdue: age > PROMISE,
  };
}
