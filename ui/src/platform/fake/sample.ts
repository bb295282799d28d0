/** The sample workspace of the fake: two sources, one vault, a little history. */
import type { RunPoint, SampleReply } from "../../api/generated";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import type { World, WorldSource } from "./world";

const VAULT = "Sample vault";
const changed = new WeakMap<World, string[]>();

function points(now: Date, seed: number): RunPoint[] {
  return [9, 6, 2].map((minutes, index) => ({
    run: hexId(seed + index, 12),
    time: new Date(now.getTime() - minutes * 60_000).toISOString(),
    seconds: 1.4,
    verdict: "complete",
    snapshot: hexId(seed + 10 + index),
    vault: VAULT,
    bytes: 2e6,
    stored: index ? 40_000 : 1.1e6,
    gaps: 0,
  }));
}

function source(world: World, name: string, kind: "folder" | "sqlite", seed: number): WorldSource {
  const runs = points(world.now, seed);
  return {
    row: {
      id: hexId(seed, 16),
      name,
      kind,
      options: { path: `/home/mara/.local/share/backstay/sample/${kind}` },
      created: world.now.toISOString(),
      lastBackup: runs.at(-1)?.time ?? null,
      lastVerdict: "complete",
    },
    points: runs,
    gaps: [],
    vaults: [VAULT],
    sample: true,
    collections:
      kind === "sqlite"
        ? ["projects", "tasks", "people", "notes", "tags"].map((one) => ({ name: one, records: 400 }))
        : [],
    files: kind === "sqlite" ? 1 : 38,
    bytes: kind === "sqlite" ? 2.4e6 : 3.1e6,
  };
}

function state(world: World): SampleReply {
  const sources = world.sources.filter((one) => one.sample).map((one) => one.row.name);
  const exists = sources.length > 0;
  return {
    exists,
    ...(exists ? { path: "/home/mara/.local/share/backstay/sample", vault: VAULT } : {}),
    sources,
    changes: changed.get(world) ?? [],
  };
}

/** Answers about the sample. */
export const handlers: Handlers = {
  "sample.state": (_, { world }) => state(world),
  "sample.create": (_, fake) => {
    const { world } = fake;
    if (!world.sources.some((one) => one.sample)) {
      world.sources.push(
        source(world, "Sample documents", "folder", 6100),
        source(world, "Sample workspace", "sqlite", 6200),
      );
      world.vaults.push({
        name: VAULT,
        path: "/home/mara/.local/share/backstay/sample/vault",
        isDefault: world.vaults.length === 0,
        remembered: true,
        repositoryId: hexId(6300),
        created: world.now.toISOString(),
      });
    }
    fake.emit("stale", { topics: ["sources", "vaults", "snapshots"] });
    return state(world);
  },
  "sample.change": (_, { world }) => {
    changed.set(world, [
      "12 tasks of “Harbour festival” were deleted",
      "The note “Menu” was overwritten with nonsense",
    ]);
    return state(world);
  },
  "sample.remove": (_, fake) => {
    const { world } = fake;
    world.sources = world.sources.filter((one) => !one.sample);
    world.vaults = world.vaults.filter((vault) => vault.name !== VAULT);
    changed.delete(world);
    fake.emit("stale", { topics: ["sources", "vaults", "snapshots"] });
    return {};
  },
};
