/** What a place holds: its collections, whether it has files, what it says about itself, and its neighbours in time. */
import { type Collection, type Gap, type SnapshotMeta, type SnapshotRef, type SnapshotRow, useCall } from "../api";
import type { Place } from "./place";

/** A place as far as it is known. */
export interface PlaceContent {
  query: ReturnType<typeof useCall<"snapshot.show">> | ReturnType<typeof useCall<"browse.list">>;
  row: SnapshotRow | undefined;
  meta: SnapshotMeta | undefined;
  collections: Collection[];
  /** Entries at the top of its files; 0 when it has none. */
  files: number | undefined;
  /** Name of the source, where it is known. */
  source: string | undefined;
  gaps: Gap[];
}

/** Reads what a place holds. */
export function usePlace(place: Place): PlaceContent {
  const snapshot = place.kind === "snapshot";
  const show = useCall("snapshot.show", place.ref, { enabled: snapshot });
  const list = useCall("browse.list", { at: place.ref, limit: 1 }, { enabled: !snapshot });
  const top = useCall("browse.folder", { at: place.ref, path: "", limit: 1 }, { silent: true });
  const meta = show.data?.metadata ?? undefined;
  const known = snapshot ? show.data?.collections : list.data?.collections;
  return {
    query: snapshot ? show : list,
    row: show.data?.snapshot,
    meta,
    collections: known ?? [],
    files: top.data?.total ?? (top.error ? 0 : undefined),
    source: place.kind === "live" ? place.name : show.data?.snapshot.source,
    gaps: meta?.gaps ?? [],
  };
}

/** Older and newer snapshots of the same source in the same vault. */
export interface Neighbours {
  older: SnapshotRef | undefined;
  newer: SnapshotRef | undefined;
}

/** Finds the neighbours of a snapshot. */
export function useNeighbours(row: SnapshotRow | undefined): Neighbours {
  const request = { source: row?.source ?? "", vault: row?.vault ?? "" };
  const { data } = useCall("snapshot.list", request, { enabled: row?.sourceId !== undefined, silent: true });
  const all = (data?.snapshots ?? []).filter((one) => one.source === row?.source);
  const at = all.findIndex((one) => one.id === row?.id);
  const ref = (found: SnapshotRow | undefined) => found && { snapshot: found.id, vault: found.vault };
  return at < 0 ? { older: undefined, newer: undefined } : { older: ref(all[at - 1]), newer: ref(all[at + 1]) };
}
