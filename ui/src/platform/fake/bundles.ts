/** Bundles of the fake, and what dropped paths are. Their names decide: `…damaged.zip`, `…newer.zip`, `…hostile.zip`. */
import type { BundleReply, ForeignInfo, InspectReply, PathKind } from "../../api/generated";
import { isForeign } from "./couchData";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import { findState, metaOf } from "./snapshotsData";
import type { World } from "./world";

const nameOf = (path: string) => path.replace(/\/+$/, "").split("/").pop() ?? path;

/** Files of couchbackup, and documents one a line: `broken`, `stubs` in their names decide. */
function foreignOf(path: string): ForeignInfo | null {
  const couchbackup = /couchbackup/.test(path);
  if (!isForeign(path)) {
    return null;
  }
  return {
    format: couchbackup ? "couchbackup" : "ndjson",
    title: couchbackup ? "couchbackup file" : "documents, one a line",
    kind: "couchdb",
    kindTitle: "CouchDB",
    notes: couchbackup ? ["written by couchbackup 2.11.12, all versions of every document"] : [],
  };
}

function inspectForeign(world: World, path: string, foreign: ForeignInfo): BundleReply {
  const metadata = metaOf(findState(world, `bundle:${path}`));
  const gaps = path.includes("stubs")
    ? ["berth plan.svg", "sensors.json"].map((name, at) => ({
        subject: `berths/berth:000000${at + 1}/${name}`,
        kind: "unsupported" as const,
        message: "couchbackup left it out: it was run without --attachments",
      }))
    : [];
  const refused = path.includes("broken")
    ? apiError("damaged", "Line 412 of the file is no JSON: it ends after 8,112 of its characters.", {
        hint: "Copy the file again from where it was made. If it is cut there too, couchbackup --resume completes it.",
      })
    : null;
  return {
    path,
    format: "zip",
    bytes: 105_248_168,
    metadata: { ...metadata, verdict: gaps.length > 0 ? "partial" : "complete", gaps },
    parts: refused
      ? []
      : metadata.collections.map(({ name, records }) => ({ name, items: records, bytes: records * 955 })),
    intact: refused ? null : true,
    damage: [],
    damaged: 0,
    source: null,
    foreign: refused ? { ...foreign, notes: [] } : foreign,
    refused,
  };
}

function inspect(world: World, path: string, verify: boolean): BundleReply {
  const foreign = foreignOf(path);
  if (foreign) {
    return inspectForeign(world, path, foreign);
  }
  const state = findState(world, `bundle:${path}`);
  const metadata = metaOf(state);
  const damaged = path.includes("damaged") ? 4 : 0;
  const parts = [
    ...metadata.collections.map(({ name, records }) => ({ name, items: records, bytes: records * 610 })),
    ...(metadata.files > 0 ? [{ name: "files", items: metadata.files, bytes: metadata.fileBytes }] : []),
  ];
  const refused = path.includes("newer")
    ? apiError("unsupported", "This file was made by a newer Backstay (format 3; this one reads 1).", {
        hint: "Update Backstay, then open the file again.",
      })
    : path.includes("hostile")
      ? apiError("damaged", "The archive names “../../.ssh/authorized_keys”, which lies outside of it.")
      : path.includes("cut")
        ? apiError("damaged", "The archive ends too early: its list of files is missing.")
        : null;
  return {
    path,
    format: path.endsWith(".zip") ? "zip" : "directory",
    bytes: 812e6,
    metadata,
    parts: refused ? [] : parts,
    intact: refused || !(verify || damaged) ? null : damaged === 0,
    damage: Array.from(
      { length: damaged },
      (_, index) => `files/Hiring/interview-${index + 14}.pdf: the checksum differs`,
    ),
    damaged,
    source: state.source.row.name,
    refused,
  };
}

function kindOf(path: string): PathKind {
  if (isForeign(path)) {
    return "foreign";
  }
  if (/missing/.test(path)) {
    return "missing";
  }
  if (/\.(db|sqlite3?)$/.test(path)) {
    return "sqlite";
  }
  if (/\.plan$|\.ndjson$/.test(path)) {
    return "plan";
  }
  if (/\.zip$|\.backstay$/.test(path)) {
    return "bundle";
  }
  if (/settings.*\.json$/.test(path)) {
    return "settings";
  }
  if (/vault|backstay\/?$/.test(path)) {
    return "vault";
  }
  return /\.\w{2,4}$/.test(path) ? "unknown" : "folder";
}

function look(world: World, path: string): InspectReply {
  const kind = kindOf(path);
  const protect = { sqlite: ["sqlite"], folder: ["folder"] }[kind as string] ?? [];
  const owners = world.sources.filter(({ row }) => path.startsWith(String((row.options as { path?: string }).path)));
  return {
    path,
    name: nameOf(path),
    kind,
    bytes: kind === "folder" || kind === "vault" || kind === "missing" ? null : 86e6,
    protect: protect.map((name) => ({ kind: name, options: { path } })),
    protectedBy: owners.map(({ row }) => row.name),
    foreign: foreignOf(path),
    reason:
      kind === "unknown"
        ? `Backstay cannot read .${path.split(".").pop()}. It reads bundles (ZIP or folder), SQLite databases, vaults and plans.`
        : kind === "missing"
          ? `nothing lies at ${path}`
          : null,
  };
}

/** Answers about bundles and paths. */
export const handlers: Handlers = {
  "bundle.inspect": ({ path, verify }, { world }) => inspect(world, path, verify === true),
  "bundle.import": ({ vault }) => ({
    run: hexId(61, 12),
    verdict: "complete",
    snapshot: hexId(62),
    vault: vault ?? "Office NAS",
    stored: 31e6,
    gaps: [],
  }),
  "bundle.export": ({ to }) => ({
    run: hexId(63, 12),
    verdict: "complete",
    path: to,
    bytes: 790e6,
    files: 214,
    records: 1292,
    gaps: [],
  }),
  "path.inspect": ({ path }, { world }) => look(world, path),
};
