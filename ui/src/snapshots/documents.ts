/**
 * Documents with revisions, as a record keeps them: the version the service shows, the other versions under `_conflicts`, deletions,
 * and which attachment belongs to which version.
 */
import type { AssetRef, SavedRecord } from "../api";
import { membersOf } from "./values";

/** One version of a document. */
export interface Leaf {
  rev: string;
  deleted: boolean;
  /** Its members without those of the service. */
  fields: Record<string, unknown>;
  assets: AssetRef[];
}

/** A document with all its versions. */
export interface DocumentView {
  winner: Leaf;
  /** The other versions, in the order of the service. */
  others: Leaf[];
  /** Revisions that are known of the winner's history, itself included. */
  revisions: number;
}

type Members = Record<string, unknown>;

function objectOf(value: unknown): Members | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : null;
}

function listOf(value: unknown): Members[] {
  return Array.isArray(value) ? value.map(objectOf).filter((one) => one !== null) : [];
}

/** Whether a member belongs to the service and not to people. */
export function isService(name: string): boolean {
  return name.startsWith("_");
}

/** The members of a document that people wrote. */
export function ownMembers(data: unknown): Members {
  return Object.fromEntries(membersOf(data).filter(([name]) => !isService(name)));
}

/** Whether a record is such a document: it carries its own id and revision. */
export function isDocument(record: Pick<SavedRecord, "id" | "rev">, data: unknown): boolean {
  const members = objectOf(data);
  return members !== null && members._id === record.id && typeof members._rev === "string";
}

/** Whether the service counts the document as deleted. */
export function isDeleted(data: unknown): boolean {
  return objectOf(data)?._deleted === true;
}

/** Gives each version its attachments: they are listed by version, then name. What no version names belongs to the first. */
function assetsOf(leaves: Members[], assets: AssetRef[]): AssetRef[][] {
  const left = [...assets];
  const [first = [], ...others] = leaves.map((leaf) => {
    const names = Object.keys(objectOf(leaf._attachments) ?? {}).sort();
    return names.flatMap((name) => {
      const at = left.findIndex((asset) => asset.name === name);
      return at < 0 ? [] : left.splice(at, 1);
    });
  });
  return [[...first, ...left], ...others];
}

/** The document in a record; `null` for records that are none. */
export function documentOf(record: SavedRecord, data: unknown): DocumentView | null {
  const winner = objectOf(data);
  if (!winner || !isDocument(record, data)) {
    return null;
  }
  const leaves = [winner, ...listOf(winner._conflicts), ...listOf(winner._deleted_conflicts)];
  const assets = assetsOf(leaves, record.assets ?? []);
  const [first, ...others] = leaves.map(
    (leaf, at): Leaf => ({
      rev: typeof leaf._rev === "string" ? leaf._rev : "",
      deleted: leaf._deleted === true,
      fields: ownMembers(leaf),
      assets: assets[at] ?? [],
    }),
  );
  const ids = objectOf(winner._revisions)?.ids;
  return first ? { winner: first, others, revisions: Array.isArray(ids) ? ids.length : 1 } : null;
}

/** `7-3fa9…` */
export function shortRev(rev: string): string {
  const cut = rev.indexOf("-");
  return rev.length > cut + 7 ? `${rev.slice(0, cut + 5)}…` : rev;
}
