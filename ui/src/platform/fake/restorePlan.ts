/** Restore plans of the fake: steps are made from their number when a page is read, so that a plan of a million steps costs nothing. */
import type {
  ConflictPolicy,
  FolderEntry,
  PlanCounts,
  PlanHeader,
  PlanStep,
  RecordMatch,
  RestoreRequest,
  SavedRecord,
  SnapshotRow,
  StepAction,
} from "../../api/generated";
import { fieldChanges } from "./compare";
import { isCouch } from "./couchData";
import { apiError } from "./errors";
import { hexId } from "./random";
import {
  dataIn,
  findState,
  idIn,
  indexIn,
  recordOf,
  rowsOf,
  type State,
  snapshotsOf,
  specialIndexes,
} from "./snapshotsData";
import { entriesOf } from "./snapshotsFiles";
import { findSource } from "./sources";
import type { World } from "./world";

type Bare = Omit<PlanStep, "index">;

/** A run of steps; large ones are made on demand. */
interface Part {
  count: number;
  at: (row: number) => Bare;
}

/** A plan that was made. */
export interface FakePlan {
  header: PlanHeader;
  parts: Part[];
}

const BYTES = 640;
/** Collections up to this size get single steps; what is larger is only counted out. */
const SINGLE = 5000;

function stateOf(world: World, request: RestoreRequest): State {
  if ("snapshot" in request.from) {
    const { snapshot } = request.from.snapshot;
    return findState(world, snapshot);
  }
  const { source, at } = request.from.source;
  const rows: SnapshotRow[] = snapshotsOf(findSource(world, source)).filter((row) => !at || row.time <= at);
  return findState(world, rows.at(-1)?.id ?? "");
}

interface Planning {
  world: World;
  backup: State;
  live: State;
  newest: State;
  request: RestoreRequest;
  counts: PlanCounts;
  except: Set<string>;
  only: Set<string>;
}

/** What happens to something that was changed after the newest backup. */
function decided(policy: ConflictPolicy): { action: StepAction; reason: string } {
  switch (policy) {
    case "remote":
      return { action: "update", reason: "changed since the newest backup; the backup's version replaces it" };
    case "both":
      return { action: "keepBoth", reason: "changed since the newest backup; both versions are kept" };
    case "ask":
      return { action: "conflict", reason: "changed since the newest backup; decide which version to keep" };
    case "newest":
      return { action: "skip", reason: "changed on both sides; the live version is newer" };
    default:
      return { action: "skip", reason: "changed since the newest backup; the live version is kept" };
  }
}

/** Something lives at the target. */
function isLiving({ target }: RestoreRequest): boolean {
  return target === "inPlace" || ("source" in target && target.source.place == null);
}

/** What the connector tells about a document that comes back. */
function couchNotes({ data, assets = [] }: SavedRecord): string[] {
  const rivals = ((data as { _conflicts?: unknown[] })._conflicts ?? []).length;
  const bytes = (assets ?? []).reduce((sum, { size }) => sum + (size ?? 0), 0);
  const many = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  return [
    ...(rivals > 0 ? [`${many(rivals, "conflicting revision")} come back too`] : []),
    ...(assets?.length
      ? [`${many(assets.length, "attachment")} are sent again, ${Math.round(bytes / 1e5) / 10} MB`]
      : []),
  ];
}

/** Records of a collection that are like what was asked for; the fake understands equal members only. */
function matchingParts(planning: Planning, { collection, prefix, selector }: RecordMatch): Part[] {
  const wanted = selector ? (JSON.parse(selector) as Record<string, unknown>) : {};
  const unknown = /"\$(?!gt|lt|eq|in|and|or)(\w+)"/.exec(selector ?? "")?.[1];
  if (unknown) {
    throw apiError("usage", `“$${unknown}” is no operator of a selector.`, {
      hint: "For example $eq, $gt, $in, $and.",
    });
  }
  const { total, at } = rowsOf(planning.backup, collection);
  const steps: Part[] = [];
  for (let row = 0; row < Math.min(total, 20_000); row++) {
    const data = dataIn(planning.backup, collection, at(row));
    const fits = Object.entries(wanted).every(([name, value]) => typeof value === "object" || data[name] === value);
    const step = fits && String(data._id).startsWith(prefix ?? "") && recordStep(planning, collection, at(row));
    if (step) {
      steps.push({ count: 1, at: () => step });
    }
  }
  return steps;
}

function recordStep(planning: Planning, collection: string, index: number): Bare | null {
  const id = idIn(planning.backup, collection, index);
  const word = `${collection}/${id}`;
  const { request, counts } = planning;
  const backup = recordOf(planning.backup, collection, id);
  if (!backup || planning.except.has(word)) {
    return null;
  }
  const couch = isCouch(planning.backup.source);
  const notes = couch ? couchNotes(backup) : [];
  const base = {
    subject: { record: { collection, id } },
    backup: hexId(index, 32),
    bytes: BYTES,
    ...(notes.length > 0 ? { notes } : {}),
  };
  const missing = couch ? (backup.assets ?? []).find(({ sha256 }) => !sha256) : undefined;
  if (missing) {
    counts.impossible++;
    const reason = `the backup does not have the attachment “${missing.name}”, and a document without it would be another one`;
    return { ...base, action: "impossible", reason, bytes: 0 };
  }
  const live = isLiving(request) ? recordOf(planning.live, collection, id) : null;
  if (!live) {
    counts.create++;
    return { ...base, action: "create", ...(couch ? {} : { leftOut: ["open_tasks"] }) };
  }
  const changes = fieldChanges(live.data as Record<string, unknown>, backup.data as Record<string, unknown>);
  if (changes.length === 0) {
    counts.same++;
    return null;
  }
  const saved = recordOf(planning.newest, collection, id);
  const moved = JSON.stringify(saved?.data) !== JSON.stringify(live.data) || index % 21 === 3;
  const policy = request.decisions?.find(([name]) => name === word)?.[1] ?? request.policy;
  const { action, reason } = moved ? decided(policy) : { action: "update" as const, reason: null };
  const picked = request.selection.fields?.find((pick) => pick.record === word)?.fields;
  const computed = changes.filter(({ field }) => field === "/open_tasks").map(() => "open_tasks");
  counts[action]++;
  const generation = Number.parseInt(live.rev ?? "1", 10) + 1;
  return {
    ...base,
    action,
    ...(couch ? { notes: [`comes back as revision ${generation} on top of ${live.rev?.slice(0, 8)}…`, ...notes] } : {}),
    live: hexId(index + 9, 32),
    fields: changes.filter(({ field }) => field !== "/open_tasks" && (!picked || picked.includes(field))),
    leftOut: computed,
    reason,
    bytes: action === "skip" || action === "conflict" ? 0 : BYTES,
  };
}

function collectionParts(planning: Planning, name: string): Part[] {
  const { total, at } = rowsOf(planning.backup, name);
  if (isLiving(planning.request)) {
    const steps = specialIndexes.flatMap((index) => recordStep(planning, name, index) ?? []);
    planning.counts.same += Math.max(0, total - specialIndexes.length);
    return steps.map((step) => ({ count: 1, at: () => step }));
  }
  const gone = [...planning.except].filter((word) => word.startsWith(`${name}/`));
  if (total <= SINGLE || gone.length > 0) {
    const steps: Part[] = [];
    for (let row = 0; row < Math.min(total, 200_000); row++) {
      const step = recordStep(planning, name, at(row));
      if (step) {
        steps.push({ count: 1, at: () => step });
      }
    }
    return steps;
  }
  planning.counts.create += total;
  const quiet = { ...planning, counts: { ...planning.counts } };
  return [{ count: total, at: (row) => recordStep(quiet, name, at(row)) as Bare }];
}

function filesBelow(planning: Planning, path: string): FolderEntry[] {
  return entriesOf(planning.backup, path, planning.world.now).flatMap((entry) =>
    entry.kind === "directory" ? filesBelow(planning, entry.path) : [entry],
  );
}

function fileStep(planning: Planning, entry: FolderEntry, row: number): Bare | null {
  const path = entry.path;
  const parents = path.split("/").map((_, at, parts) => `files/${parts.slice(0, at + 1).join("/")}`);
  if (planning.except.has("files") || parents.some((word) => planning.except.has(word))) {
    return null;
  }
  const base: Bare = { subject: { file: { path } }, action: "create", backup: hexId(row, 32), bytes: entry.size };
  if (planning.request.target === "inPlace") {
    if (row % 7 === 0) {
      planning.counts.update++;
      return {
        ...base,
        action: "update",
        live: hexId(row + 1, 32),
        fields: [{ field: "/size", change: "changed", before: entry.size + 14, after: entry.size }],
      };
    }
    if (row % 7 === 5) {
      planning.counts.impossible++;
      const reason = "the backup has no content for it";
      return { ...base, action: "impossible", reason, bytes: 0 };
    }
    if (row % 7 !== 2) {
      planning.counts.same++;
      return null;
    }
  }
  planning.counts.create++;
  return base;
}

function fileParts(planning: Planning, below: string): Part[] {
  const known = filesBelow(planning, below);
  const parent = below.includes("/") ? below.slice(0, below.lastIndexOf("/")) : "";
  const single = entriesOf(planning.backup, parent, planning.world.now).filter((entry) => entry.path === below);
  const files = known.length > 0 ? known : single;
  return files.flatMap((entry, row) => {
    const step = fileStep(planning, entry, row);
    return step ? [{ count: 1, at: () => step }] : [];
  });
}

function wordParts(planning: Planning, word: string): Part[] {
  const names = planning.backup.source.collections.map(({ name }) => name);
  if (planning.except.has(word)) {
    return [];
  }
  if (word === "files") {
    // The one file of a database stands for its tables here.
    return names.length > 0 ? [] : fileParts(planning, "");
  }
  if (word.startsWith("files/")) {
    return fileParts(planning, word.slice(6));
  }
  if (names.includes(word)) {
    return collectionParts(planning, word);
  }
  const owner = names.findLast((name) => word.startsWith(`${name}/`));
  if (!owner) {
    throw apiError("notFound", `“${word}” is not in this backup.`);
  }
  const step = recordStep(planning, owner, indexIn(planning.backup, owner, word.slice(owner.length + 1)));
  return step ? [{ count: 1, at: () => step }] : [];
}

/** As the engine: what stands beside the documents of a database comes with them, unless some of it is named. */
function withParts(words: string[], stored: string[]): string[] {
  return words.flatMap((word) => {
    const start = `${word}/@`;
    return words.some((other) => other.startsWith(start))
      ? [word]
      : [word, ...stored.filter((name) => name.startsWith(start))];
  });
}

let plans = 0;

/** Plans a restore. */
export function makePlan(world: World, request: RestoreRequest): FakePlan {
  const backup = stateOf(world, request);
  const rows = snapshotsOf(backup.source);
  // A file of another program is of no source that is known here.
  const known = world.sources.some(({ row }) => row.name === backup.source.row.name);
  const newest = known ? findState(world, rows.at(-1)?.id ?? "") : backup;
  const counts: PlanCounts = {
    create: 0,
    update: 0,
    same: 0,
    skip: 0,
    conflict: 0,
    keepBoth: 0,
    delete: 0,
    impossible: 0,
  };
  const planning: Planning = {
    world,
    backup,
    newest,
    live: known ? findState(world, `live:${backup.source.row.name}`) : backup,
    request,
    counts,
    except: new Set(request.selection.except ?? []),
    only: new Set(request.selection.only ?? []),
  };
  const stored = backup.source.collections.filter(({ kind }) => kind !== "aside").map(({ name }) => name);
  // As the engine: records of which fields are picked are all there is when nothing else is selected.
  const picked = (request.selection.fields ?? []).map(({ record }) => record);
  const { matching = [] } = request.selection;
  const chosen = planning.only.size > 0 ? withParts([...planning.only], stored) : picked;
  const words = chosen.length + matching.length > 0 ? chosen : [...stored, ...(stored.length ? [] : ["files"])];
  const parts = [
    ...words.flatMap((word) => wordParts(planning, word)),
    ...matching.flatMap((one) => matchingParts(planning, one)),
  ];
  const bundle = "snapshot" in request.from && request.from.snapshot.snapshot.startsWith("bundle:");
  const header: PlanHeader = {
    version: 1,
    planId: hexId(++plans, 16),
    created: world.now.toISOString(),
    vault: bundle ? "" : (backup.row?.vault ?? "Office NAS"),
    snapshot: bundle && "snapshot" in request.from ? request.from.snapshot.snapshot : (backup.row?.id ?? ""),
    source: backup.source.row.name,
    selection: request.selection,
    target: request.target,
    policy: request.policy,
    ...(request.options ? { options: request.options } : {}),
    counts,
    bytes: (counts.create + counts.update + counts.keepBoth) * BYTES,
  };
  return { header, parts };
}

/** Steps that fit, in the plan's order. */
export function stepsOf(
  plan: FakePlan,
  offset: number,
  limit: number,
  action?: StepAction | null,
  search?: string | null,
): { steps: PlanStep[]; total: number } {
  const needle = search?.toLowerCase() ?? "";
  const steps: PlanStep[] = [];
  let total = 0;
  let index = 0;
  for (const part of plan.parts) {
    const plain = !needle && (!action || part.at(0).action === action);
    if (part.count > 1 && (plain || !needle)) {
      const fits = plain ? part.count : 0;
      for (let row = Math.max(0, offset - total); row < fits && steps.length < limit; row++) {
        steps.push({ ...part.at(row), index: index + row });
      }
      total += fits;
    } else {
      for (let row = 0; row < Math.min(part.count, 20_000); row++) {
        const step = part.at(row);
        if (
          (action && step.action !== action) ||
          !JSON.stringify([step.subject, step.fields]).toLowerCase().includes(needle)
        ) {
          continue;
        }
        if (total >= offset && steps.length < limit) {
          steps.push({ ...step, index: index + row });
        }
        total++;
      }
    }
    index += part.count;
  }
  return { steps, total };
}
