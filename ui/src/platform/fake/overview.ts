/** The overview of the fake: how sources and vaults are, from the invented world. */
import type { Health, OverviewRequest, SourceHealth, VaultHealth } from "../../api/generated";
import { apiError } from "./errors";
import { openHolds } from "./guards";
import type { Handlers } from "./handlers";
import { planned } from "./overviewPlans";
import { vaultState } from "./vaults";
import type { World, WorldSource } from "./world";

const FORTNIGHT = 14 * 86_400_000;

function health(world: World, source: WorldSource, since: number): SourceHealth {
  const last = source.points.at(-1);
  const lastGood = source.points.filter((point) => point.verdict === "complete").at(-1);
  const saved = source.points.some((point) => point.snapshot);
  const worst: Health = last?.verdict ?? "none";
  return {
    source: source.row,
    health: worst,
    sample: source.sample,
    ...(last ? { last } : {}),
    ...(lastGood ? { lastGood } : {}),
    ...(saved
      ? {
          holds: {
            collections: source.collections.length,
            records: source.collections.reduce((sum, collection) => sum + collection.records, 0),
            files: source.files,
            bytes: source.bytes,
            workspaces: source.row.kind === "sqlite" ? 1 : 0,
          },
        }
      : {}),
    gaps: source.gaps,
    points: source.points.filter((point) => new Date(point.time).getTime() >= since),
    vaults: source.vaults,
    ...planned(world, source),
    held: openHolds(world, source.row.name).length,
  };
}

function vaults(world: World): VaultHealth[] {
  return world.vaults.map((vault): VaultHealth => {
    const state = vaultState(world, vault.name);
    const checked = state.checks[0];
    return {
      vault,
      reachable: state.reachable,
      open: state.reachable && vault.remembered,
      ...(state.reachable
        ? { free: 1.9e12, total: 4e12, used: state.bytes, snapshots: state.snapshots }
        : { problem: apiError("unreachable", `${vault.path} is not there: is the disk plugged in?`) }),
      ...(checked ? { checked: checked.row, checkedShare: checked.share } : {}),
      kit: state.kit,
    };
  });
}

/** Answers to the overview. */
export const handlers: Handlers = {
  overview: ({ source, since }: OverviewRequest, { world }) => {
    const from = since ? new Date(since).getTime() : world.now.getTime() - FORTNIGHT;
    return {
      sources: world.sources
        .filter((known) => !source || known.row.name === source)
        .map((one) => health(world, one, from)),
      vaults: vaults(world),
    };
  },
};
