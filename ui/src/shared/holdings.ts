/** What a source holds, in a few words: `14 collections, 2,180 files`. */
import type { TFunction } from "i18next";
import type { Holdings } from "../api/generated";
import { count } from "../i18n/format";

/** Numbers that say something; a single file behind collections of records does not. */
export function holdings(holds: Holdings | null | undefined, t: TFunction): string {
  if (!holds) {
    return "";
  }
  const parts: string[] = [];
  const add = (name: string, n: number | null | undefined) => {
    if (n) {
      parts.push(t(`sources:holds.${name}`, { count: n, n: count(n) }));
    }
  };
  add("collections", holds.collections);
  if (holds.collections > 0) {
    add("records", holds.records);
  } else {
    add("files", holds.files);
  }
  if (holds.workspaces > 1) {
    add("workspaces", holds.workspaces);
  }
  return parts.join(", ");
}
