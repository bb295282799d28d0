/** Conflicts of the fake's servers: a handful of documents that a skipper and the harbour office changed at the same time. */
import type { ConflictKeep, ConflictReply, ConflictVersion } from "../../api/generated";
import { isCouch } from "./couchData";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import { findSource } from "./sources";
import type { World } from "./world";

const TORN = 7;
const settled = new WeakMap<World, Set<string>>();

function done(world: World): Set<string> {
  const known = settled.get(world) ?? new Set<string>();
  settled.set(world, known);
  return known;
}

const idOf = (index: number) => `berth:${String(index * 11 + 4).padStart(7, "0")}`;
const revOf = (index: number, side: number) => `${4 + side}-${hexId(index * 7 + side + 900, 32)}`;

function version(index: number, side: number): ConflictVersion {
  const winner = side === 1;
  const base = { type: "berth", number: index * 11 + 4, length: 12.5, harbour: "Esbjerg" };
  const ours = { ...base, tenant: "Fulmar", note: "Moved on 2 November", power: true };
  const theirs = { ...base, tenant: "Nordlys", note: "Moved on 3 November, water meter read", meter: 4821 };
  const change = (field: string, kind: "changed" | "added" | "removed", before?: unknown, after?: unknown) => ({
    field,
    change: kind,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
  return {
    rev: revOf(index, side),
    winner,
    data: winner ? ours : theirs,
    assets: winner ? [] : [{ name: "meter.jpg", size: 84_120, sha256: hexId(index, 64), mediaType: "image/jpeg" }],
    differences: winner
      ? []
      : [
          change("/tenant", "changed", ours.tenant, theirs.tenant),
          change("/note", "changed", ours.note, theirs.note),
          change("/power", "removed", true),
          change("/meter", "added", undefined, theirs.meter),
        ],
  };
}

function shown(world: World, source: string, collection: string, id: string): ConflictReply {
  const index = Array.from({ length: TORN }, (_, at) => at).find((at) => idOf(at) === id);
  if (index === undefined || collection !== "berths") {
    throw apiError("notFound", `${collection}/${id} is not there.`);
  }
  const both = [version(index, 1), version(index, 0)];
  return {
    source,
    collection,
    id,
    expect: hexId(index + 40, 32),
    versions: done(world).has(id) ? both.slice(0, 1) : both,
    vault: "Office NAS",
  };
}

/** Answers about conflicts. */
export const handlers: Handlers = {
  "conflict.list": ({ source }, { world }) => {
    const has = isCouch(findSource(world, source ?? "")) && source === "Harbour registry";
    const rows = Array.from({ length: has ? TORN : 0 }, (_, index) => ({
      collection: "berths",
      id: idOf(index),
      rev: revOf(index, 1),
      versions: 2,
    }));
    return { conflicts: rows.filter((row) => !done(world).has(row.id)), gaps: [] };
  },
  "conflict.show": ({ source, collection, id }, { world }) => shown(world, source, collection, id),
  "conflict.settle": ({ id, keep }: { id: string; keep: ConflictKeep }, fake) => {
    done(fake.world).add(id);
    fake.emit("stale", { topics: ["conflicts", "runs", "audit"] });
    return {
      run: hexId(4242, 12),
      verdict: "complete",
      rev: "rev" in keep ? keep.rev : `6-${hexId(77, 32)}`,
      removed: 1,
      safetySnapshot: hexId(4343, 64),
      canUndo: true,
    };
  },
};
