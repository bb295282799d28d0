/** What the browser looks into: a snapshot, a source as it is now, or a bundle. All three are read with the same commands. */
import type { SnapshotRef } from "../api";

/** A place to browse. */
export interface Place {
  kind: "snapshot" | "live" | "bundle";
  ref: SnapshotRef;
  /** Source of a live place, path of a bundle. */
  name: string;
}

/** The pseudo-collection that holds files. */
export const FILES = "files";

/** The place an address names. The vault `-` means none. */
export function placeOf(vault: string, id: string): Place {
  const ref: SnapshotRef = vault && vault !== "-" ? { snapshot: id, vault } : { snapshot: id };
  if (id.startsWith("live:")) {
    return { kind: "live", ref, name: id.slice("live:".length) };
  }
  if (id.startsWith("bundle:")) {
    return { kind: "bundle", ref, name: id.slice("bundle:".length) };
  }
  return { kind: "snapshot", ref, name: id };
}

/** A source as it is now. */
export function liveRef(source: string): SnapshotRef {
  return { snapshot: `live:${source}` };
}

/** What the restore wizard and exports take in their address: one word a line. */
export function onlyOf(items: string[]): string {
  return items.join("\n");
}

/** Where an attachment lies in a snapshot. */
export function assetPath(asset: { name: string; sha256?: string | null }): string | null {
  const { name, sha256 } = asset;
  if (!sha256) {
    return null;
  }
  const extension = /[^.]\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1];
  return `assets/${sha256.slice(0, 2)}/${sha256}${extension ? `.${extension.toLowerCase()}` : ""}`;
}
