/** Snapshots of the fake: lists, records, files, versions, search. */
import type {
  Field,
  FieldFilter,
  HistoryVersion,
  ListingOpenRequest,
  ListingReply,
  Row,
  SearchHit,
  SearchRequest,
} from "../../api/generated";
import { fieldChanges } from "./compare";
import { apiError, notFound } from "./errors";
import { pinsOf } from "./guards";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import {
  collectionsOf,
  dataIn,
  findState,
  idIn,
  indexIn,
  metaOf,
  recordOf,
  rowsOf,
  type State,
  snapshotsOf,
  textOf,
} from "./snapshotsData";
import { entriesOf, previewOf } from "./snapshotsFiles";
import { findSource } from "./sources";
import type { World } from "./world";

interface Listing {
  state: State;
  request: ListingOpenRequest;
  /** Rows in order, where they are not those of the collection. */
  order: number[] | null;
  total: number;
}

const listings = new Map<string, Listing>();
let opened = 0;
/** More records than this are not looked through; a fake has to be quick. */
const SCANNED = 20_000;

function fits(data: Record<string, unknown>, filter: FieldFilter): boolean {
  const value = data[filter.field];
  const text =
    value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const wanted = filter.value ?? "";
  switch (filter.kind) {
    case "contains":
      return text.toLowerCase().includes(wanted.toLowerCase());
    case "is":
      return text === wanted;
    case "isNot":
      return text !== wanted;
    case "greater":
      return Number.isNaN(Number(wanted)) ? text > wanted : Number(text) > Number(wanted);
    case "less":
      return Number.isNaN(Number(wanted)) ? text < wanted : Number(text) < Number(wanted);
    case "empty":
      return text === "";
    default:
      return text !== "";
  }
}

function compareValues(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") {
    return one - other;
  }
  return String(one ?? "").localeCompare(String(other ?? ""));
}

function fieldsOf(state: State, collection: string, first: number): Field[] {
  const { at } = rowsOf(state, collection);
  const kinds = new Map<string, string>();
  for (let row = 0; row < first; row++) {
    for (const [name, value] of Object.entries(dataIn(state, collection, at(row)))) {
      const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
      kinds.set(name, kinds.get(name) ?? kind);
    }
  }
  return [...kinds].map(([name, kind]) => ({ name, kind, computed: false }));
}

function openListing(world: World, request: ListingOpenRequest): ListingReply {
  const state = findState(world, request.at.snapshot);
  const { total, at } = rowsOf(state, request.collection);
  let order: number[] | null = null;
  const { collection, search, sort, filters = [] } = request;
  if (search || sort || filters.length) {
    const needle = search?.toLowerCase() ?? "";
    order = Array.from({ length: Math.min(total, SCANNED) }, (_, row) => at(row));
    if (needle || filters.length) {
      order = order.filter((index) => {
        const data = dataIn(state, collection, index);
        const found = !needle || JSON.stringify(data).toLowerCase().includes(needle);
        return found && filters.every((filter) => fits(data, filter));
      });
    }
    if (sort) {
      const keyed = order.map((index) => [dataIn(state, collection, index)[sort.field], index] as const);
      keyed.sort((one, other) => compareValues(one[0], other[0]) * (sort.descending ? -1 : 1));
      order = keyed.map(([, index]) => index);
    }
  }
  const listing = `listing-${++opened}`;
  listings.set(listing, { state, request, order, total: order?.length ?? total });
  const declared = collectionsOf(state).find((one) => one.name === request.collection)?.schema.fields ?? [];
  // As the engine: without a schema the first records tell.
  const fields = declared.length > 0 ? declared : fieldsOf(state, collection, Math.min(total, 20));
  return {
    listing,
    total: order?.length ?? total,
    of: total,
    fields,
    title: fields.some(({ name }) => name === "name") ? "name" : null,
  };
}

function findListing(name: string): Listing {
  const found = listings.get(name);
  if (!found) {
    throw notFound("listing", name);
  }
  return found;
}

function short(value: unknown): unknown {
  return typeof value === "string" ? value.slice(0, 300) : value;
}

function rows(listing: Listing, offset: number, limit: number, only: string[] = []): Row[] {
  const { state, request } = listing;
  const { at } = rowsOf(state, request.collection);
  const made: Row[] = [];
  for (let row = offset; row < Math.min(offset + limit, listing.total); row++) {
    const index = listing.order ? (listing.order[row] ?? 0) : at(row);
    const data = dataIn(state, request.collection, index);
    const wanted = only.length ? only : Object.keys(data);
    const values = Object.fromEntries(wanted.map((name) => [name, short(data[name])]));
    const id = idIn(state, request.collection, index);
    const { changed = null, assets = [] } = recordOf(state, request.collection, id) ?? {};
    made.push({ id, changed, values, assets: assets?.length ?? 0 });
  }
  return made;
}

function locate(listing: Listing, id: string): number | null {
  const index = indexIn(listing.state, listing.request.collection, id);
  const { total, at } = rowsOf(listing.state, listing.request.collection);
  if (listing.order) {
    const found = listing.order.indexOf(index);
    return found < 0 ? null : found;
  }
  // Rows grow with the number: the place is at most a few before it.
  for (let row = Math.min(index, total - 1); row >= Math.max(0, index - 60); row--) {
    if (at(row) === index) {
      return row;
    }
  }
  return null;
}

function history(world: World, source: string, collection: string, id: string): HistoryVersion[] {
  const found = findSource(world, source);
  const versions: HistoryVersion[] = [];
  let last: string | null | undefined;
  let lastData: Record<string, unknown> = {};
  for (const row of snapshotsOf(found)) {
    const record = recordOf(findState(world, row.id), collection, id);
    const text = record ? textOf(record) : null;
    const newest = versions.at(-1);
    if (text === last && newest) {
      newest.snapshots++;
      continue;
    }
    if (text === null && last === undefined) {
      continue;
    }
    const data = (record?.data ?? {}) as Record<string, unknown>;
    versions.push({
      snapshot: row.id,
      vault: row.vault,
      time: row.time,
      hash: text === null ? null : hexId(text.length, 32),
      fields: fieldChanges(lastData, data),
      snapshots: 1,
    });
    last = text;
    lastData = data;
  }
  return versions;
}

function search(world: World, request: SearchRequest): SearchHit[] {
  const needle = request.text.toLowerCase();
  const hits: SearchHit[] = [];
  for (const source of world.sources.filter((one) => !request.source || one.row.name === request.source)) {
    const all = snapshotsOf(source);
    const newest = all.length - 1;
    for (const { name } of source.collections.slice(0, 2)) {
      for (let index = 0; index < 60; index++) {
        const top = findState(world, all[newest]?.id ?? "");
        const id = idIn(top, name, index);
        const first = recordOf(top, name, id);
        for (let age = newest; age >= (request.earlier ? 0 : newest); age--) {
          const row = all[age];
          const record = row && recordOf({ source, age, row }, name, id);
          const data = record?.data as Record<string, unknown> | undefined;
          const text = data && [data.name, data.notes, data.owner].join(" … ");
          const at = text?.toLowerCase().indexOf(needle) ?? -1;
          if (row && text && at >= 0) {
            const now = age === newest;
            hits.push({
              source: source.row.name,
              collection: name,
              id,
              title: String(data.name),
              excerpt: `${at > 40 ? "… " : ""}${text.slice(Math.max(0, at - 40), at + needle.length + 60)} …`,
              snapshot: row.id,
              vault: row.vault,
              time: row.time,
              now,
              ...(now ? {} : { fate: first ? "changed" : "removed" }),
            });
            break;
          }
        }
      }
    }
    for (const entry of source.collections.length ? [] : entriesOf({ source, age: newest, row: null }, "", world.now)) {
      const row = all[newest];
      if (row && entry.name.toLowerCase().includes(needle)) {
        const { path, name } = entry;
        const more = { snapshot: row.id, vault: row.vault, time: row.time, now: true };
        hits.push({ source: source.row.name, collection: "files", id: path, title: name, excerpt: path, ...more });
      }
    }
  }
  return hits
    .filter((hit) => !request.onlyGone || hit.fate === "removed")
    .sort((one, other) => other.time.localeCompare(one.time));
}

/** Answers about snapshots. */
export const handlers: Handlers = {
  "snapshot.list": (request, { world }) => {
    const pins = pinsOf(world);
    const snapshots = world.sources
      .filter((source) => !request.source || source.row.name === request.source)
      .flatMap(snapshotsOf)
      .filter((row) => !request.vault || row.vault === request.vault)
      .filter((row) => !request.at || row.time <= request.at)
      .sort((one, other) => one.time.localeCompare(other.time))
      .map((row) => ({ ...row, ...(pins.has(row.id) ? { pin: pins.get(row.id) ?? "" } : {}) }));
    return { snapshots };
  },
  "snapshot.show": ({ snapshot }, { world }) => {
    const state = findState(world, snapshot);
    if (!state.row) {
      throw apiError("usage", "This is not a snapshot.");
    }
    return { snapshot: state.row, metadata: metaOf(state), collections: collectionsOf(state) };
  },
  "browse.list": (request, { world }) => {
    const state = findState(world, request.at.snapshot);
    const collections = collectionsOf(state);
    if (collections.length) {
      return { collections, total: collections.length, more: false };
    }
    const files = entriesOf(state, "", world.now).map(({ path, kind, size, modified }) => ({
      path,
      kind,
      size,
      modified: modified ?? null,
    }));
    return { files: files.slice(0, request.limit), more: files.length > request.limit };
  },
  "browse.count": ({ at, collection }, { world }) => ({
    records: rowsOf(findState(world, at.snapshot), collection).total,
  }),
  "browse.folder": ({ at, path, offset = 0, limit }, { world }) => {
    const entries = entriesOf(findState(world, at.snapshot), path, world.now);
    return { entries: entries.slice(offset, offset + limit), total: entries.length };
  },
  "listing.open": (request, { world }) => openListing(world, request),
  "listing.rows": ({ listing, offset, limit, fields }) => ({ rows: rows(findListing(listing), offset, limit, fields) }),
  "listing.locate": ({ listing, id }) => ({ index: locate(findListing(listing), id) }),
  "record.get": ({ at, collection, id }, { world }) => {
    const record = recordOf(findState(world, at.snapshot), collection, id);
    if (!record) {
      throw notFound("record", `${collection}/${id}`);
    }
    return { collection, record, hash: hexId(textOf(record).length, 32) };
  },
  "record.text": ({ at, collection, id }, { world }) => {
    const record = recordOf(findState(world, at.snapshot), collection, id);
    if (!record) {
      throw notFound("record", `${collection}/${id}`);
    }
    return { text: textOf(record) };
  },
  "record.history": ({ source, collection, id }, { world }) => ({ versions: history(world, source, collection, id) }),
  "file.preview": ({ at, path }, { world }) => previewOf(findState(world, at.snapshot), path, world.now),
  "file.save": ({ to }) => ({ path: to, bytes: 812 }),
  search: (request, { world }) => {
    const hits = search(world, request);
    const looked = world.sources.reduce((sum, source) => sum + snapshotsOf(source).length, 0);
    return { hits: hits.slice(0, request.limit), more: hits.length > request.limit, snapshots: looked, problems: [] };
  },
};
