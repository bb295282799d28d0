/** What differs between the versions of a record, and what a choice of values makes of it. */
import { isLosslessNumber } from "lossless-json";
import type { ConflictKeep, ConflictReply, ConflictVersion } from "../api";

/** A member that is not the same in all versions. */
export interface DifferingField {
  /** JSON Pointer (RFC 6901). */
  pointer: string;
  /** As people read it. */
  name: string;
  /** Values by revision; a version without the member has none. */
  values: ReadonlyMap<string, unknown>;
}

/** Chosen revision by pointer. */
export type Picks = Readonly<Record<string, string>>;

/** The parts of a JSON Pointer. */
function parts(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What lies at a pointer; `undefined` when nothing does. */
export function valueAt(data: unknown, pointer: string): unknown {
  return parts(pointer).reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || isLosslessNumber(value)) {
      return undefined;
    }
    return Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
  }, data);
}

/** Members that differ, the outer one of two where one lies in the other. */
export function differing(reply: ConflictReply): DifferingField[] {
  const all = [...new Set(reply.versions.flatMap((version) => version.differences.map((one) => one.field)))].sort();
  const outer = all.filter((pointer) => !all.some((other) => pointer.startsWith(`${other}/`)));
  return outer.map((pointer) => ({
    pointer,
    name: parts(pointer).join(" › "),
    values: new Map(
      reply.versions
        .map((version): [string, unknown] => [version.rev, valueAt(version.data, pointer)])
        .filter(([, value]) => value !== undefined),
    ),
  }));
}

/** The version whose values are all chosen, if there is one. */
export function wholeVersion(fields: DifferingField[], picks: Picks, base: string): string | undefined {
  return fields.every((field) => (picks[field.pointer] ?? base) === base) ? base : undefined;
}

/** What the engine is asked to keep. */
export function keepOf(fields: DifferingField[], picks: Picks, base: string): ConflictKeep {
  if (wholeVersion(fields, picks, base)) {
    return { rev: base };
  }
  const others = fields.flatMap((field) => {
    const rev = picks[field.pointer] ?? base;
    return rev === base ? [] : [{ field: field.pointer, rev }];
  });
  return { fields: { from: base, fields: others } };
}

/** A revision as people tell it from others: generation and the beginning of its mark. */
export function shortRev(rev: string): string {
  const [generation = "", mark = ""] = rev.split("-");
  return mark.length > 7 ? `${generation}-${mark.slice(0, 6)}` : rev;
}

/** Attachments that only versions have that are not kept. */
export function lostAttachments(versions: ConflictVersion[], base: string): string[] {
  const kept = new Set(versions.find((version) => version.rev === base)?.assets.map((asset) => asset.name));
  const others = versions.filter((version) => version.rev !== base).flatMap((version) => version.assets);
  return [...new Set(others.map((asset) => asset.name).filter((name) => !kept.has(name)))].sort();
}
