/** The two sides of a comparison: snapshots or a live source, and how an address names them. */
import type { SnapshotRef, SnapshotRow } from "../api";

/** One side. */
export interface Side {
  /** As it stands in an address: the id of a snapshot, or `live:SOURCE`. */
  id: string;
  ref: SnapshotRef;
  source: string;
  /** Absent for a live source. */
  row: SnapshotRow | undefined;
}

/** Names a source as it is now. */
export const liveId = (source: string): string => `live:${source}`;

/** The side an id names, if it is known. The beginning of an id is enough, and so is `SOURCE@latest`. */
export function sideOf(id: string | null | undefined, rows: SnapshotRow[]): Side | undefined {
  if (!id) {
    return undefined;
  }
  if (id.startsWith("live:")) {
    return { id, ref: { snapshot: id }, source: id.slice("live:".length), row: undefined };
  }
  if (id.endsWith("@latest")) {
    const newest = rows.filter((one) => one.source === id.slice(0, -"@latest".length) && !one.safety).at(-1);
    return newest && sideOf(newest.id, rows);
  }
  const row = rows.find((one) => one.id === id) ?? rows.find((one) => one.id.startsWith(id));
  return row && { id: row.id, ref: { snapshot: row.id, vault: row.vault }, source: row.source, row };
}

/**
 * Both sides. What is not given is what people mean: the newest snapshot against the live source. Rows are oldest first.
 */
export function sidesOf(
  a: string | null,
  b: string | null,
  rows: SnapshotRow[],
): { before: Side | undefined; after: Side | undefined } {
  let [before, after] = [sideOf(a, rows), sideOf(b, rows)];
  const source = before?.source ?? after?.source;
  if (!before && source) {
    const older = rows.filter(
      (row) => row.source === source && !row.safety && (!after?.row || row.time < after.row.time),
    );
    before = sideOf(older.at(-1)?.id, rows);
  }
  if (!after && source) {
    after = sideOf(liveId(source), rows);
  }
  return { before, after };
}
