/** The list of differences as rows: headings of collections and the changes under them, narrowed by filters. */

import type { ChangeKind, CollectionCounts, RecordChange } from "../api";
import { withoutRevisions } from "../shared/diff/revision";
import { topField } from "./text";

/** What is shown of the differences. */
export interface Narrow {
  change: ChangeKind | null;
  field: string | null;
}

/** One line of the list. */
export type Entry =
  | { kind: "group"; collection: string; changes: number; total: number }
  | { kind: "change"; change: RecordChange };

/** Whether a change passes. A field narrows edited records; new and gone ones have no single fields. */
function passes(change: RecordChange, narrow: Narrow): boolean {
  if (narrow.change && change.change !== narrow.change) {
    return false;
  }
  return (
    !narrow.field ||
    (change.change === "changed" && (change.fields ?? []).some((one) => topField(one.field) === narrow.field))
  );
}

/** Names of all fields that differ in edited records, in order of the alphabet. */
export function changedFields(changes: RecordChange[]): string[] {
  const names = new Set<string>();
  for (const change of changes) {
    if (change.change === "changed") {
      for (const field of withoutRevisions(change.fields ?? [])) {
        names.add(topField(field.field));
      }
    }
  }
  return [...names].filter(Boolean).sort((one, other) => one.localeCompare(other));
}

/** The lines. Changes come grouped by collection from the engine; numbers of a heading are those of the whole collection. */
export function entriesOf(changes: RecordChange[], counts: CollectionCounts[], narrow: Narrow): Entry[] {
  const known = new Map(counts.map((one) => [one.collection, one.counts]));
  const entries: Entry[] = [];
  let group = "";
  for (const change of changes) {
    if (!passes(change, narrow)) {
      continue;
    }
    if (change.collection !== group) {
      group = change.collection;
      const sum = known.get(group);
      const differ = sum ? sum.added + sum.changed + sum.removed : 0;
      entries.push({ kind: "group", collection: group, changes: differ, total: differ + (sum?.unchanged ?? 0) });
    }
    entries.push({ kind: "change", change });
  }
  return entries;
}

/** Names a change in the address and in the list. */
export function changeKey(change: Pick<RecordChange, "collection" | "id">): string {
  return `${change.collection}/${change.id}`;
}
