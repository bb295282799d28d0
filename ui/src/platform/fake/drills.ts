/** Restore drills of the fake: one a month behind it, and new ones as jobs. */
import type { DrillRow, DrillsReply } from "../../api/generated";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { PROMISE } from "./overviewPlans";
import { hexId, seeded } from "./random";
import { findSource } from "./sources";
import type { World, WorldSource } from "./world";

const DAY = 86_400_000;
const done = new WeakMap<World, Map<string, DrillRow[]>>();

/** What was never tried. */
const untried = new Set(["Contracts", "Field notes"]);

function made(world: World, source: WorldSource, ago: number, seconds: number, share = 1): DrillRow {
  const share98 = 1 - ago / 2000;
  const records = Math.round(source.collections.reduce((sum, one) => sum + one.records, 0) * share98);
  const files = Math.round(source.files * share98);
  const compared = records + files;
  const differing = Math.round(compared * (1 - share));
  const newest = source.points.filter((point) => point.snapshot).at(-1);
  return {
    run: hexId(7000 + ago + seconds, 12),
    source: source.row.name,
    vault: ago % 2 ? "Blue USB disk" : "Office NAS",
    snapshot: newest?.snapshot ?? "",
    oneEach: false,
    started: new Date(world.now.getTime() - ago * DAY - 6 * 3_600_000).toISOString(),
    seconds,
    bytes: source.bytes,
    records,
    files,
    compared,
    differing,
    verdict: differing > 0 ? "partial" : "complete",
    differences: [],
  };
}

/** Drills of a source, newest first. */
export function drillsOf(world: World, name: string): DrillRow[] {
  const all = done.get(world) ?? new Map<string, DrillRow[]>();
  done.set(world, all);
  const known = all.get(name);
  if (known) {
    return known;
  }
  const source = findSource(world, name);
  const next = seeded(source.bytes % 9973);
  const usual = Math.max(20, source.bytes / 6e6);
  const rows =
    untried.has(name) || source.sample || source.points.length === 0
      ? []
      : Array.from({ length: 10 }, (_, index) =>
          made(
            world,
            source,
            8 + index * 30,
            Math.round(usual * (1 + index * 0.02 + next() * 0.06)),
            index === 3 ? 0.998 : 1,
          ),
        );
  all.set(name, rows);
  return rows;
}

/** Age of the newest good backup at the end of each day, in minutes. */
export function agesOf(world: World, source: WorldSource, days: number): [string, number][] {
  const good = source.points.filter((point) => point.verdict === "complete").map((point) => Date.parse(point.time));
  const ages: [string, number][] = [];
  for (let ago = days - 1; ago >= 0; ago--) {
    const now = world.now;
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago);
    const end = ago === 0 ? now.getTime() : day.getTime() + DAY;
    const newest = good.filter((time) => time <= end).at(-1);
    if (newest !== undefined) {
      ages.push([dayName(day), Math.round((end - newest) / 60_000)]);
    }
  }
  return ages;
}

/** `2026-11-20`, local. */
export function dayName(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Answers about drills. */
export const handlers: Handlers = {
  "drill.list": ({ source, limit }, { world }): DrillsReply => ({
    drills: drillsOf(world, source).slice(0, limit ?? 100),
    targetMinutes: 20,
    next: new Date(world.now.getTime() + 22 * DAY).toISOString(),
    ages: agesOf(world, findSource(world, source), 30),
    promiseMinutes: PROMISE,
  }),
  "drill.run": ({ source, oneEach }, fake): DrillRow => {
    const found = findSource(fake.world, source);
    if (!found.points.some((point) => point.snapshot)) {
      throw apiError("notFound", `“${source}” has no backup yet.`);
    }
    const row = made(fake.world, found, 0, oneEach ? 12 : Math.round(Math.max(20, found.bytes / 6e6)));
    const fresh: DrillRow = {
      ...row,
      oneEach: oneEach ?? false,
      run: hexId(7900 + drillsOf(fake.world, source).length, 12),
    };
    if (oneEach) {
      Object.assign(fresh, { records: found.collections.length, files: 1, compared: found.collections.length + 1 });
    }
    drillsOf(fake.world, source).unshift({ ...fresh, started: fake.world.now.toISOString() });
    return fresh;
  },
};
