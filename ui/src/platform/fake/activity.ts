/** Activity of the fake: runs that are no backups, what a run wrote down, and an audit trail of 18,204 entries made as they are read. */
import type { AuditReply, AuditRequest, AuditRow, AuditVerifyReply, RunRow } from "../../api/generated";
import type { Handlers } from "./handlers";
import { hexId, seeded } from "./random";
import type { World } from "./world";

const MINUTE = 60_000;
const ENTRIES = 18_204;
/** Minutes between two entries. */
const APART = 21;

/** Restores, an undo, a clean-up, an export. Tests may add some. */
const others = new WeakMap<World, RunRow[]>();

function run(world: World, number: number, ago: number, seconds: number, row: Partial<RunRow>): RunRow {
  const started = new Date(world.now.getTime() - ago * MINUTE);
  return {
    id: `0198c2f4-51d3-7${hexId(number, 3)}-9${hexId(number + 1, 3)}-${hexId(number + 2, 12)}`,
    kind: "restore",
    started: started.toISOString(),
    finished: new Date(started.getTime() + seconds * 1000).toISOString(),
    verdict: "complete",
    canUndo: false,
    canResume: false,
    ...row,
  };
}

/** Runs of the other kinds. The same list each time: a test may change it. */
export function otherRuns(world: World): RunRow[] {
  const known = others.get(world);
  if (known) {
    return known;
  }
  const [source] = world.sources;
  if (!source) {
    return [];
  }
  const wiki = { source: source.row.name, vault: "Office NAS" };
  const made = [
    run(world, 4100, 95, 34, { ...wiki, canUndo: true }),
    run(world, 4200, 460, 65, { kind: "prune", vault: "Office NAS" }),
    run(world, 4300, 462, 4, { kind: "forget", source: "Orders", vault: "Office NAS" }),
    run(world, 4400, 1600, 12, {
      source: "Product ops",
      vault: "Office NAS",
      verdict: "failed",
      reason: ["unreachable", "/home/mara/Ops/ops.db could not be written: the disk is not there."],
      canResume: true,
    }),
    run(world, 4500, 1720, 41, { kind: "export", ...wiki }),
    run(world, 4600, 3100, 8, { kind: "backup", ...wiki, verdict: "cancelled" }),
  ];
  others.set(world, made);
  return made;
}

/** What a run wrote down. */
export function runEvents({ started, kind, verdict }: RunRow): [string, string][] {
  const at = (seconds: number) => new Date(Date.parse(started) + seconds * 1000).toISOString();
  if (verdict === "failed" || verdict === "cancelled") {
    return [[at(0), "looked at what can be read"]];
  }
  return kind === "backup"
    ? [
        [at(0), "looked at what can be read: 2,180 files"],
        [at(2), "compared with the backup before: 6 new, 41 changed, 2 gone"],
        [at(21), "wrote 2.1 MB into Office NAS"],
        [at(30), "read back 41 of 41 blocks"],
      ]
    : [];
}

const actions: [action: string, object: string, detail: unknown][] = [
  ["backup", "Team wiki", { vault: "Office NAS", verdict: "partial", snapshot: "41d0c9e2" }],
  ["backup", "Orders", { vault: "Office NAS", verdict: "complete", snapshot: "77ab01e4" }],
  ["check", "Office NAS", { verdict: "complete" }],
  ["lock.refused", "app lock", {}],
  ["restore", "Product ops", { run: "0198c2f4", verdict: "complete" }],
  ["source.change", "Field notes", { exclude: ["*.tmp"] }],
  ["plan.change", "Half-hourly", { keep: "30 days" }],
  ["guard.trip", "Orders", { collection: "customers", gone: 3904 }],
  ["forget", "Orders", { removed: 42 }],
  ["vault.keyAdd", "Blue USB disk", { key: hexId(88) }],
  ["settings.export", "/home/mara/backstay-settings.json", {}],
  ["backup", "Billing", { vault: "Office NAS", verdict: "complete", snapshot: "5f0c9919" }],
];

function hashOf(seq: number): string {
  return seq === 0 ? "0".repeat(64) : hexId(900_000 + seq);
}

function entry(world: World, seq: number): AuditRow {
  const next = seeded(seq);
  const [action, object, detail] = actions[Math.floor(next() * actions.length)] ?? ["backup", "Team wiki", {}];
  return {
    seq,
    time: new Date(world.now.getTime() - (ENTRIES - seq) * APART * MINUTE - Math.floor(next() * 60_000)).toISOString(),
    actor: next() < 0.9 ? "mara" : "jonas",
    program: next() < 0.7 ? "backstay-desktop 0.1.0" : "backstay 0.1.0",
    action,
    object,
    detail,
    previous: hashOf(seq - 1),
    hash: hashOf(seq),
  };
}

/** How many entries a world has. */
export function auditTotal(world: World): number {
  return world.vaults.length === 0 ? 0 : ENTRIES;
}

function verified(world: World): AuditVerifyReply {
  const entries = auditTotal(world);
  return { intact: true, entries, head: hashOf(entries), confirmedBySnapshots: 1704, problems: [] };
}

/** The newest entries that fit, by who and when. */
function found({ actor, since, until, before, limit = 100 }: AuditRequest, world: World, total: number): AuditReply {
  const entries: AuditRow[] = [];
  for (let seq = Math.min(total, (before ?? total + 1) - 1); seq > 0; seq--) {
    if (entries.length === limit) {
      return { total, entries, next: seq + 1 };
    }
    const row = entry(world, seq);
    if (since && row.time < since) {
      break;
    }
    if ((!actor || row.actor === actor) && (!until || row.time < until)) {
      entries.push(row);
    }
  }
  return { total, entries };
}

/** Answers about the audit trail. */
export const handlers: Handlers = {
  "audit.list": (request, { world }) => {
    const { after = 0, limit = 100 } = request;
    const total = auditTotal(world);
    if (request.actor || request.since || request.until) {
      return found(request, world, total);
    }
    const length = Math.max(0, Math.min(limit, total - after));
    return { total, entries: Array.from({ length }, (_, at) => entry(world, after + at + 1)) };
  },
  "audit.verify": (_, { world }) => verified(world),
  "audit.export": ({ path }) => ({ path }),
};
