/** What bundles of the fake hold: the newest backup of the source their name tells. */
import { findState, type State, snapshotsOf } from "./snapshotsData";
import type { World } from "./world";

/** The state in a bundle, named `bundle:PATH`. */
export function bundleState(world: World, reference: string): State {
  const wanted = reference.toLowerCase().replaceAll(/[^a-z]/g, "");
  const source =
    world.sources.find(({ row }) => wanted.includes(row.name.toLowerCase().replaceAll(/[^a-z]/g, ""))) ??
    world.sources[1] ??
    world.sources[0];
  return findState(world, source ? (snapshotsOf(source).at(-1)?.id ?? "") : reference);
}
