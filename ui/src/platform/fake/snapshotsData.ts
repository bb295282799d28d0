/**
 * What the snapshots of the fake hold: records and files made from their number, so that a table of a million rows costs
 * nothing. The first records of a collection change, appear and go with time; the rest stay as they are.
 */
import type { Collection, Field, SavedRecord, SnapshotMeta, SnapshotRow } from "../../api/generated";
import { couchData, couchId, couchIndex, couchRecord, foreignSource, isCouch, isForeign } from "./couchData";
import { notFound } from "./errors";
import { hexId, seeded } from "./random";
import { findSource } from "./sources";
import type { World, WorldSource } from "./world";

/** One state of a source: which of its snapshots, counted from the oldest; the live source is one more. */
export interface State {
  source: WorldSource;
  /** From 0, oldest first; the number of snapshots for the live source. */
  age: number;
  row: SnapshotRow | null;
}

/** Records that differ between states. */
const SPECIAL = 60;
/** Marks one number in `record.text` that JavaScript would spoil. */
const HUGE = "9007199254740993";

const field = (name: string, kind: string, computed = false): Field => ({ name, kind, computed });
const schema: Field[] = [
  field("id", "INTEGER"),
  field("name", "TEXT"),
  field("status", "TEXT"),
  field("due", "DATE"),
  field("owner", "TEXT"),
  field("effort", "REAL"),
  field("customers", "JSON"),
  field("open_tasks", "INTEGER", true),
  field("tracking", "BIGINT"),
  field("link", "TEXT"),
  field("notes", "TEXT"),
  field("settings", "JSON"),
  field("urgent", "BOOLEAN"),
  field("updated", "TIMESTAMP"),
];

const names = [
  "Q1 launch checklist",
  "Move status page to new host",
  "Pricing page, second draft",
  "Retire the old import job",
  "Interview notes: harbour masters",
  "Write the disaster plan",
  "Tide tables: wrong time zone",
  "Translate onboarding (FR, DE)",
  "Vendor review: map tiles",
  "Hire: support engineer",
  "Archive 2024 retros",
  "Offline map packs",
  "Accessibility review of chart plotter and every one of its settings pages",
  "Renew signing certificate",
  "Rework search ranking",
  "New berth colours on the map",
  "Customer calls, week 47",
];
const statuses = ["In progress", "Done", "In review", "Backlog"];
const people = ["Mara Lind", "Jonas Weber", "Aiko Tanaka", "Søren Kjær"];
const ports = ["Port of Esbjerg", "Marina Nord", "Havn Vest", "Kai 7", "Kai 9", "Pier One", "Sundby"];

/** All snapshots of a source, oldest first. */
export function snapshotsOf(source: WorldSource): SnapshotRow[] {
  return source.points
    .filter((point) => point.snapshot)
    .map((point) => ({
      id: point.snapshot ?? "",
      vault: point.vault ?? "Office NAS",
      time: point.time,
      source: source.row.name,
      sourceId: source.row.id,
      verdict: point.verdict ?? null,
      host: "mara-desk",
      tags: [],
      safety: false,
      bytes: point.bytes,
      stored: point.stored,
    }));
}

/** The state a reference names. */
export function findState(world: World, snapshot: string): State {
  if (snapshot.startsWith("live:")) {
    const source = findSource(world, snapshot.slice(5));
    return { source, age: snapshotsOf(source).length, row: null };
  }
  if (snapshot.startsWith("bundle:") && isForeign(snapshot)) {
    const source = foreignSource(world);
    return { source, age: 0, row: snapshotsOf(source)[0] ?? null };
  }
  if (snapshot.startsWith("bundle:")) {
    // A bundle holds the newest backup of the source its name tells.
    const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, "");
    const wanted = plain(snapshot);
    const source = world.sources.find(({ row }) => wanted.includes(plain(row.name))) ?? world.sources[1];
    const newest = source && snapshotsOf(source).at(-1);
    if (newest) {
      return findState(world, newest.id);
    }
  }
  for (const source of world.sources) {
    const rows = snapshotsOf(source);
    const age = rows.findIndex((row) => row.id.startsWith(snapshot));
    if (age >= 0) {
      return { source, age, row: rows[age] ?? null };
    }
  }
  throw notFound("snapshot", snapshot);
}

/** How many states there are before the live one; changes are spread over the last ten of them. */
function step(state: State): number {
  return Math.max(0, 10 - (snapshotsOf(state.source).length - state.age));
}

function exists(index: number, at: number): boolean {
  if (index >= SPECIAL) {
    return true;
  }
  const born = index % 9 === 8 ? (index % 10) + 1 : 0;
  const dies = index % 13 === 12 ? (index % 9) + 2 : 99;
  return at >= born && at < dies;
}

/** Numbers of the records that exist among the special ones. */
function specials(state: State, total: number): number[] {
  const at = step(state);
  return Array.from({ length: Math.min(SPECIAL, total) }, (_, index) => index).filter((index) => exists(index, at));
}

/** Records of a collection in a state, as numbers: how many, and which stands in which row. */
export function rowsOf(state: State, collection: string): { total: number; at: (row: number) => number } {
  const known = state.source.collections.find((one) => one.name === collection);
  if (!known) {
    throw notFound("collection", collection);
  }
  const first = specials(state, known.records);
  const total = first.length + Math.max(0, known.records - SPECIAL);
  return { total, at: (row) => first[row] ?? SPECIAL + row - first.length };
}

/** How often a record had changed by then. */
function changes(index: number, at: number): number {
  return index < SPECIAL && index % 3 !== 1 ? Math.floor(at / (2 + (index % 4))) : 0;
}

/** Id of a record by its number. */
export const idOf = (index: number): string => String(index + 1);

const DAY = 86_400_000;

function notes(index: number, changed: number): string {
  const boats = changed > 1 ? "400" : "4,000";
  const when = changed > 2 ? "whenever that may be" : "on **12 January**";
  return [
    `Everything that has to be true before the chart plotter goes out ${when}. Owner of a line is the person who ticks it.`,
    "",
    "## Before Christmas",
    "",
    "- [x] Freeze the tide data, tag 2027.1",
    "- [x] Translations in from both agencies",
    `- [ ] Load test with ${boats} boats`,
    ...(changed > 2 ? [] : ["- [ ] Price list agreed with Port of Esbjerg"]),
    "",
    "> If the wind is above 7 Bft on launch day, we postpone. Not negotiable.",
    ...(index % 4 === 0 ? ["", '<meeting-notes id="77">Kept as it is</meeting-notes>'] : []),
  ].join("\n");
}

/** The members of a record, by its number. */
export function dataOf(index: number, at: number): Record<string, unknown> {
  const changed = changes(index, at);
  const next = seeded(index + 17);
  const start = Date.UTC(2026, 10, 2);
  const due = new Date(start + (Math.floor(next() * 90) + changed * 7) * DAY);
  const name =
    index < names.length ? names[index] : `${names[index % names.length]} ${Math.floor(index / names.length)}`;
  return {
    id: index + 1,
    name,
    status: statuses[(index + changed) % statuses.length],
    due: index % 5 === 3 ? null : due.toISOString().slice(0, 10),
    owner: people[(index + Math.min(1, changed)) % people.length],
    effort: Math.round(next() * 400) / 10,
    customers: ports.slice(changed % 2, 2 + (index % 5)),
    open_tasks: 4 - Math.min(4, changed),
    tracking: HUGE,
    link: `https://tracker.example/item/${index + 1}`,
    notes: index % 2 === 0 ? notes(index, changed) : "",
    settings: { reminders: { before: 3, unit: "days" }, watchers: people.slice(0, index % 4) },
    urgent: index % 6 === 0,
    updated: new Date(start + (index % 300) * 3_600_000 + changed * DAY).toISOString(),
  };
}

/** Id of a record of a collection by its number. */
export function idIn(state: State, collection: string, index: number): string {
  return isCouch(state.source) ? couchId(collection, index) : idOf(index);
}

/** Number of a record of a collection by its id; `NaN` for ids that were never given. */
export function indexIn(state: State, collection: string, id: string): number {
  return isCouch(state.source) ? couchIndex(collection, id) : Number(id) - 1;
}

/** The members of a record of a collection, by its number. */
export function dataIn(state: State, collection: string, index: number): Record<string, unknown> {
  const at = step(state);
  return isCouch(state.source) ? couchData(collection, index, changes(index, at)) : dataOf(index, at);
}

/** A record as it was saved, or nothing. */
export function recordOf(state: State, collection: string, id: string): SavedRecord | null {
  const known = state.source.collections.find((one) => one.name === collection);
  if (!known) {
    throw notFound("collection", collection);
  }
  const index = indexIn(state, collection, id);
  const at = step(state);
  if (!Number.isInteger(index) || index < 0 || index >= known.records || !exists(index, at)) {
    return null;
  }
  if (isCouch(state.source)) {
    return couchRecord(collection, index, changes(index, at));
  }
  const data = dataOf(index, at);
  const assets =
    index % 4 === 0
      ? [
          { name: "launch-brief-v4.pdf", sha256: hexId(index, 64), size: 2_400_000, mediaType: "application/pdf" },
          { name: "cover.svg", sha256: hexId(index + 1, 64), size: 41_000, mediaType: "image/svg+xml" },
          { name: "plan-of-the-harbour.tiff", sha256: null, size: 9_100_000, mediaType: "image/tiff" },
        ]
      : [];
  return { id, rev: `${changes(index, at) + 1}-${hexId(index, 8)}`, changed: String(data.updated), assets, data };
}

/** A record's text as it was saved: numbers beyond JavaScript's reach included. */
export function textOf(record: SavedRecord): string {
  return JSON.stringify(record.data, null, 1).replace(`"${HUGE}"`, HUGE);
}

/** The collections of a state. Those of more than a million records do not know their number. */
export function collectionsOf(state: State): Collection[] {
  const couch = isCouch(state.source);
  return state.source.collections.map(({ name, records, kind = "table" }) => ({
    name,
    kind,
    schema: couch ? { fields: [], key: [] } : { fields: schema, key: ["id"] },
    records: records > 500_000 ? null : rowsOf(state, name).total,
    ...(couch && !name.includes("/@") ? { raw: { q: 2, n: 1, partitioned: name === "inspections" } } : {}),
  }));
}

/** What changed in a collection against the state before. */
export function changesOf(state: State, collection: string) {
  const now = step(state);
  const before = now - 1;
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  const total = rowsOf(state, collection).total;
  for (let index = 0; index < Math.min(SPECIAL, total); index++) {
    const [was, is] = [exists(index, before), exists(index, now)];
    if (is && !was) {
      counts.added++;
    } else if (was && !is) {
      counts.removed++;
    } else if (is && changes(index, now) !== changes(index, before)) {
      counts.changed++;
    }
  }
  if (now === 0) {
    Object.assign(counts, { added: 0, changed: 0, removed: 0 });
  }
  counts.unchanged = total - counts.added - counts.changed;
  return counts;
}

/** What a snapshot says about itself. */
export function metaOf(state: State): SnapshotMeta {
  const { source, row } = state;
  const started = row?.time ?? new Date().toISOString();
  return {
    formatVersion: 1,
    program: "Backstay 0.1.0",
    sourceId: source.row.id,
    sourceName: source.row.name,
    sourceKind: source.row.kind,
    connectorVersion: 1,
    started,
    finished: new Date(new Date(started).getTime() + 41_000).toISOString(),
    verdict: row?.verdict ?? "complete",
    gaps: row?.verdict === "partial" ? source.gaps : [],
    collections: source.collections.map(({ name }) => ({
      name,
      slug: name,
      records: rowsOf(state, name).total,
      checksum: hexId(name.length, 32),
      changes: changesOf(state, name),
    })),
    files: source.files,
    fileBytes: source.bytes,
    assets: isCouch(source) ? 309 : 0,
    workspaces: [],
    extra: {},
  };
}

/** All special records, for comparisons. */
export const specialIndexes = Array.from({ length: SPECIAL }, (_, index) => index);
