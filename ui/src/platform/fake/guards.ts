/** Guards of the fake: what tripped, the list of what went, answers, pins. */
import type { GoneRow, GuardBar, HoldRow, Trip } from "../../api/generated";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import { findSource } from "./sources";
import type { World } from "./world";

const holds = new WeakMap<World, HoldRow[]>();
const pins = new WeakMap<World, Map<string, string>>();

function known(world: World): HoldRow[] {
  const list = holds.get(world) ?? [];
  holds.set(world, list);
  return list;
}

/** Holds of a source that nobody answered. */
export function openHolds(world: World, source: string): HoldRow[] {
  return known(world).filter((hold) => hold.source === source && !hold.released);
}

/** Pinned snapshots with their reason. */
export function pinsOf(world: World): Map<string, string> {
  const list = pins.get(world) ?? new Map<string, string>();
  pins.set(world, list);
  return list;
}

const deletion: Trip = {
  massDeletion: { collection: "customers", before: 4012, now: 108, gone: 3904, share: 97.3 },
};

/** A guard trips at the newest backup of a source. */
export function trip(world: World, source: string, what: Trip = deletion): HoldRow {
  const saved = findSource(world, source).points.filter((point) => point.snapshot);
  const now = saved.at(-1);
  const before = saved.at(-2);
  const list = known(world);
  const row: HoldRow = {
    id: hexId(9000 + list.length, 12),
    source,
    vault: "Office NAS",
    trip: what,
    at: now?.time ?? world.now.toISOString(),
    ...(now ? { run: now.run } : {}),
    ...(now?.snapshot ? { snapshot: now.snapshot } : {}),
    ...(before?.snapshot ? { before: before.snapshot, beforeTime: before.time } : {}),
  };
  list.unshift(row);
  return row;
}

/** How many went. */
export function goneCount(what: Trip): number {
  if ("massDeletion" in what) {
    return what.massDeletion.gone;
  }
  if ("emptied" in what) {
    return what.emptied.before;
  }
  return "filesGone" in what ? what.filesGone.gone : 0;
}

const first = ["Mara", "Jonas", "Amélie", "Priya", "Tomás", "Ingrid", "Kwame", "Yuki"];
const last = ["Lindqvist", "Ferreira", "Okafor", "Brandt", "Nakamura", "Dubois", "Holm", "Castellanos"];

function goneRow(what: Trip, index: number): GoneRow {
  if ("filesGone" in what) {
    return { id: `Survey ${2019 + (index % 7)}/photo-${String(index).padStart(5, "0")}.jpg` };
  }
  const collection =
    "massDeletion" in what ? what.massDeletion.collection : "emptied" in what ? what.emptied.collection : "";
  return {
    collection,
    id: String(10_017 + index * 3),
    summary: `${first[index % 8]} ${last[Math.floor(index / 8) % 8]}`,
  };
}

function bars(what: Trip): GuardBar[] {
  const limit = (before: number) => Math.max(1, Math.min(500, Math.ceil(before / 4)));
  const bar = (collection: string, before: number, gone: number): GuardBar => ({
    collection,
    before,
    now: before - gone,
    gone,
    limit: limit(before),
  });
  if ("massDeletion" in what) {
    const { collection, before, gone } = what.massDeletion;
    return [bar(collection, before, gone), bar("invoices", 18_220, 36), bar("settings", 14, 0)];
  }
  return "emptied" in what ? [bar(what.emptied.collection, what.emptied.before, what.emptied.before)] : [];
}

function findHold(world: World, id: string): HoldRow {
  const hold = known(world).find((one) => one.id === id);
  if (!hold) {
    throw notFound("hold", id);
  }
  return hold;
}

/** Answers about guards and pins. */
export const handlers: Handlers = {
  "hold.list": ({ source, all }, { world }) => ({
    holds: known(world).filter((hold) => (!source || hold.source === source) && (all || !hold.released)),
  }),
  "hold.review": ({ hold, from, limit }, { world }) => {
    const found = findHold(world, hold);
    const start = Number(from ?? 0);
    const total = goneCount(found.trip);
    const end = Math.min(total, start + Math.min(limit, 1000));
    return {
      hold: found,
      rows: Array.from({ length: end - start }, (_, at) => goneRow(found.trip, start + at)),
      ...(end < total ? { next: String(end) } : {}),
      bars: start === 0 ? bars(found.trip) : [],
    };
  },
  "hold.release": ({ hold, confirm, note, pin }, fake) => {
    const found = findHold(fake.world, hold);
    const gone = goneCount(found.trip);
    if (gone > 0 && confirm !== gone) {
      throw apiError("refused", `${gone} went, not ${confirm ?? "none"}.`);
    }
    Object.assign(found, { released: fake.world.now.toISOString(), releasedBy: "mara", ...(note ? { note } : {}) });
    if (pin && found.before) {
      pinsOf(fake.world).set(found.before, note || "before the deletion");
    }
    fake.emit("stale", { topics: ["holds", "sources", "snapshots", "audit"] });
    return found;
  },
  "snapshot.pin": ({ snapshot, name }, fake) => {
    const list = pinsOf(fake.world);
    if (name) {
      list.set(snapshot, name);
    } else {
      list.delete(snapshot);
    }
    fake.emit("stale", { topics: ["snapshots", "audit"] });
    return {};
  },
};
