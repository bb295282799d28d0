/** Two CouchDB servers of the fake: databases whose documents are made from their number, with conflicts, attachments and tombstones. */
import type { OptionRow, Probe, ProbePart, SavedRecord } from "../../api/generated";
import { apiError } from "./errors";
import { hexId, seeded } from "./random";
import { makeSource, type World, type WorldCollection, type WorldSource } from "./world";

const LOCAL = ["a1f0c2d4e6b8", "backstay.checkpoint", "pouch.replicator"];
const HUGE_ATTACHMENT = 48_211_004;

/** How a restore into such a server can be told to write. */
export const couchRestoreOptions: OptionRow[] = [
  {
    name: "revisions",
    value: "auto|same|new",
    help: "How documents come back: with the same revisions, as a new revision on top of the live one, or whichever is right for each.",
    required: false,
    multiple: false,
    flag: false,
    secret: false,
    path: false,
    choices: ["auto", "same", "new"],
  },
  {
    name: "tombstones",
    value: "",
    help: "Write the deletions the backup holds as well.",
    required: false,
    multiple: false,
    flag: true,
    secret: false,
    path: false,
    choices: [],
  },
];

/** Databases of the first server. */
const databases = [
  { name: "berths", records: 412, local: 3 },
  { name: "vessels", records: 18_204, local: 1 },
  { name: "tide-log", records: 1_204_000, local: 0 },
  { name: "inspections", records: 2310, local: 0 },
  { name: "archive/2024", records: 96, local: 0 },
];

const designs = ["by-harbour", "guard", "search"];
const harbours = ["Esbjerg", "Marina Nord", "Havn Vest", "Sundby", "Pier One"];
const vessels = ["Skibladner", "Fulmar", "Nordlys", "Havørn", "Æolus", "Terne"];

function parts(name: string, records: number, local: number): WorldCollection[] {
  return [
    { name, records },
    { name: `${name}/@design`, records: designs.length },
    ...(local > 0 ? [{ name: `${name}/@local`, records: local, kind: "aside" as const }] : []),
    { name: `${name}/@settings`, records: 2 },
  ];
}

/** Adds the servers to the world. */
export function addCouch(world: World, more: number): void {
  const many = Array.from({ length: more }, (_, index) => ({
    name: `customer-${String(index + 1).padStart(4, "0")}`,
    records: 40 + ((index * 37) % 900),
    local: index % 11 === 0 ? 1 : 0,
  }));
  const server = (name: string, path: string, all: typeof databases, index: number) =>
    makeSource(
      {
        name,
        kind: "couchdb",
        path,
        collections: all.flatMap((one) => parts(one.name, one.records, one.local)),
        files: 0,
        bytes: 2.1e9,
        ago: 12,
        odd: index === 40 ? { 2: "partial" } : {},
        days: 10,
      },
      index,
      world.now,
    );
  world.sources.push(
    server("Harbour registry", "https://couch.harbour.example:6984", [...databases, ...many], 40),
    server("Standby registry", "https://standby.harbour.example:6984", databases.slice(0, 2), 41),
  );
}

/** Whether a path is a file of another program, by its name. */
export function isForeign(path: string): boolean {
  return /couchbackup|\.docs\.ndjson$/.test(path);
}

/** What such a file holds: one database of a server that is not known here. */
export function foreignSource(world: World): WorldSource {
  const { row, ...rest } = makeSource(
    { name: "berths", kind: "couchdb", path: "", collections: [], files: 0, bytes: 105e6, ago: 12, odd: {}, days: 1 },
    60,
    world.now,
  );
  const collections = [
    { name: "berths", records: 412 },
    { name: "berths/@design", records: designs.length },
  ];
  return { ...rest, row: { ...row, id: "" }, collections };
}

/** Whether a source is one of these servers. */
export function isCouch(source: WorldSource): boolean {
  return source.row.kind === "couchdb";
}

function part(collection: string): "documents" | "design" | "local" | "settings" {
  const found = /\/@(design|local|settings)$/.exec(collection)?.[1];
  return (found as "design" | "local" | "settings" | undefined) ?? "documents";
}

const prefixOf = (collection: string) =>
  ({ berths: "berth", vessels: "vessel", "tide-log": "tide", inspections: "esbjerg" })[collection] ?? "doc";

/** Id of a document by its number. */
export function couchId(collection: string, index: number): string {
  switch (part(collection)) {
    case "design":
      return `_design/${designs[index] ?? index}`;
    case "local":
      return `_local/${LOCAL[index] ?? index}`;
    case "settings":
      return index === 0 ? "_security" : "limits";
    default:
      return `${prefixOf(collection)}:${String(index + 1).padStart(7, "0")}`;
  }
}

/** Number of a document by its id; `NaN` for ids that were never given. */
export function couchIndex(collection: string, id: string): number {
  if (part(collection) !== "documents") {
    return [0, 1, 2].find((index) => couchId(collection, index) === id) ?? Number.NaN;
  }
  const number = Number(id.slice(prefixOf(collection).length + 1)) - 1;
  return couchId(collection, number) === id ? number : Number.NaN;
}

function revOf(index: number, generation: number, leaf = 0): string {
  return `${generation}-${hexId(index * 40 + generation * 3 + leaf, 32)}`;
}

function revisions(index: number, generation: number, leaf = 0) {
  const ids = Array.from({ length: generation }, (_, back) => revOf(index, generation - back, leaf).split("-")[1]);
  return { start: generation, ids };
}

function stub(index: number, name: string) {
  const types: Record<string, string> = { svg: "image/svg+xml", json: "application/json", pdf: "application/pdf" };
  const sizes: Record<string, number> = { svg: 41_000, json: 812, pdf: HUGE_ATTACHMENT };
  const ending = name.split(".").pop() ?? "";
  return {
    content_type: types[ending] ?? "application/octet-stream",
    revpos: 1,
    digest: `md5-${hexId(index, 22)}==`,
    length: sizes[ending] ?? 2048,
    stub: true,
  };
}

/** Names of what a document has attached. */
function attached(index: number): string[] {
  return index % 4 === 0 ? ["berth plan.svg", "sensors.json", "survey.pdf"] : [];
}

function body(index: number, changed: number) {
  const next = seeded(index + 31);
  return {
    type: "berth",
    name: `Berth ${String.fromCharCode(65 + (index % 6))} ${index + 1}`,
    harbour: harbours[(index + changed) % harbours.length],
    length: Math.round(next() * 400) / 10,
    depth: Math.round(next() * 90) / 10,
    vessel: index % 3 === 0 ? null : vessels[(index + changed) % vessels.length],
    services: ["water", "power", "waste"].slice(0, 1 + (index % 3)),
    updated: new Date(Date.UTC(2026, 9, 2) + (index % 900) * 3_600_000 + changed * 86_400_000).toISOString(),
  };
}

function document(collection: string, index: number, changed: number): Record<string, unknown> {
  const generation = changed + 1 + (index % 3);
  const names = attached(index);
  const base = { _id: couchId(collection, index), _rev: revOf(index, generation) };
  if (index === 20) {
    return { ...base, _deleted: true, _revisions: revisions(index, generation) };
  }
  const stubs = Object.fromEntries(names.map((name) => [name, stub(index, name)]));
  const rivals = index % 17 === 3 ? 2 : index % 29 === 5 ? 1 : 0;
  const conflicts = Array.from({ length: rivals }, (_, at) => ({
    ...base,
    _rev: revOf(index, generation, at + 1),
    ...body(index, changed),
    vessel: vessels[(index + at + 3) % vessels.length],
    ...(at === 0 ? { depth: 3.2 } : { remarks: "Diver found the ladder loose.\nReported to the harbour office." }),
    _revisions: revisions(index, generation, at + 1),
    ...(at === 1 ? { _attachments: { "ladder.svg": stub(index, "ladder.svg") } } : {}),
  }));
  return {
    ...base,
    ...body(index, changed),
    _revisions: revisions(index, generation),
    ...(names.length > 0 ? { _attachments: stubs } : {}),
    ...(rivals > 0 ? { _conflicts: conflicts } : {}),
  };
}

const view = `function (doc) {
  if (doc.type === "berth" && doc.harbour) {
    emit([doc.harbour, doc.length], 1);
  }
}`;
const validate = `function (newDoc, oldDoc, userCtx) {
  if (!newDoc._deleted && newDoc.type === "berth" && !newDoc.name) {
    throw { forbidden: "A berth needs a name." };
  }
}`;

function design(index: number): Record<string, unknown> {
  const name = designs[index] ?? "x";
  const base = { _id: `_design/${name}`, _rev: revOf(index + 900, 2), _revisions: revisions(index + 900, 2) };
  switch (name) {
    case "by-harbour":
      return {
        ...base,
        language: "javascript",
        views: { berths: { map: view, reduce: "_sum" }, free: { map: view.replace("doc.length", "doc._id") } },
        options: { partitioned: false },
      };
    case "guard":
      return {
        ...base,
        language: "javascript",
        validate_doc_update: validate,
        filters: { live: "function (doc, req) {\n  return !doc._deleted;\n}" },
      };
    default:
      return {
        ...base,
        language: "query",
        views: { "harbour-length": { map: { fields: { harbour: "asc", length: "asc" } }, options: { def: {} } } },
      };
  }
}

/** The members of a document. */
export function couchData(collection: string, index: number, changed: number): Record<string, unknown> {
  switch (part(collection)) {
    case "design":
      return design(index);
    case "local":
      return { _id: couchId(collection, index), _rev: "0-14", source_last_seq: "81240-g1AAAACbeJzLYWBg", history: [] };
    case "settings":
      return index === 0
        ? { admins: { names: ["harbourmaster"], roles: ["_admin"] }, members: { names: [], roles: ["crew", "office"] } }
        : { _revs_limit: 1000, _purged_infos_limit: 1000 };
    default:
      return document(collection, index, changed);
  }
}

/** A document as it was saved. */
export function couchRecord(collection: string, index: number, changed: number): SavedRecord {
  const data = couchData(collection, index, changed);
  const conflicts = (data._conflicts ?? []) as Record<string, unknown>[];
  const assets = [data, ...conflicts].flatMap((leaf, at) =>
    Object.entries((leaf._attachments ?? {}) as Record<string, { content_type: string; length: number }>).map(
      ([name, { content_type, length }], number) => ({
        name,
        // One of them could not be fetched.
        sha256: index % 16 === 8 && name.endsWith(".pdf") ? null : hexId(index * 9 + at * 3 + number, 64),
        size: length,
        mediaType: content_type,
      }),
    ),
  );
  const rev = typeof data._rev === "string" ? { rev: data._rev } : {};
  return { id: couchId(collection, index), ...rev, ...(assets.length > 0 ? { assets } : {}), data };
}

const databaseParts = (options: Record<string, unknown>, more: number): ProbePart[] => {
  const taken = Array.isArray(options.database) ? options.database : [];
  const many = Array.from({ length: more }, (_, index) => ({
    name: `customer-${String(index + 1).padStart(4, "0")}`,
    records: 40 + ((index * 37) % 900),
  }));
  return [...databases, ...many].map((one) => ({
    name: one.name,
    records: one.records,
    bytes: one.records * 1430,
    chosen: taken.length === 0 || taken.includes(one.name),
    ...(one.name === "inspections" && options.user === "reader" ? { problem: "This user may not read it." } : {}),
  }));
};

/** What a test of such a server finds: by its address it is away, by its password it refuses. */
export function probeCouch(options: Record<string, unknown>): Probe {
  const url = String(options.url ?? "");
  if (!/^https?:\/\/./.test(url)) {
    throw apiError("usage", `“${url}” is no address.`, {
      hint: "Write it with its beginning: https://couch.example.org:6984",
    });
  }
  if (url.includes("away")) {
    throw apiError("unreachable", `${url} cannot be reached: connection refused.`, {
      hint: "Check the address, the network and the service.",
    });
  }
  if (options.password === "wrong") {
    throw apiError("auth", `${url} needs other credentials (401).`, {
      hint: "Check user, password or token in the source's settings.",
    });
  }
  return {
    version: "CouchDB 3.5.0",
    found: databases.map((one) => `${one.name} (${one.records} documents)`),
    parts: databaseParts(options, url.includes("large") ? 2000 : 0),
    bytes: 1_754_000_000,
    warnings: options.auth === "none" ? ["Everybody is an administrator of this server."] : [],
  };
}
