/** The invented world of the fake: seven sources, three vaults, fourteen days of runs. Only kinds that exist: folders and SQLite. */
import type {
  Capabilities,
  CollectionKind,
  Gap,
  RunPoint,
  Settings,
  SourceRow,
  VaultRow,
  Verdict,
} from "../../api/generated";
import { hexId, seeded } from "./random";
import { defaults } from "./settings";

/** A source with its runs. */
export interface WorldSource {
  row: SourceRow;
  points: RunPoint[];
  gaps: Gap[];
  vaults: string[];
  sample: boolean;
  collections: WorldCollection[];
  files: number;
  bytes: number;
}

/** A collection, with its newest number of records. */
export interface WorldCollection {
  name: string;
  records: number;
  /** A table, if nothing else. */
  kind?: CollectionKind;
}

/** Everything there is. Handlers read and change it. */
export interface World {
  now: Date;
  sources: WorldSource[];
  vaults: VaultRow[];
  settings: Settings;
  /** Of the app lock; `null` while none is set. */
  passphrase: string | null;
  locked: boolean;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

/** What a source is made of. */
export interface Plan {
  name: string;
  kind: "folder" | "sqlite" | "couchdb";
  /** Of the folder, the file or the server. */
  path: string;
  collections: WorldCollection[];
  files: number;
  bytes: number;
  /** Minutes since the last run. */
  ago: number;
  /** Days ago, and how those runs ended. */
  odd: Record<number, Verdict | "missed">;
  days?: number;
}

const plans: Plan[] = [
  {
    name: "Team wiki",
    kind: "folder",
    path: "/home/mara/Wiki",
    collections: [],
    files: 2180,
    bytes: 1.2e9,
    ago: 41,
    odd: { 0: "partial" },
  },
  {
    name: "Product ops",
    kind: "sqlite",
    path: "/home/mara/Ops/ops.db",
    collections: [
      { name: "roadmap", records: 842 },
      { name: "meetings", records: 3114 },
      { name: "people", records: 46 },
      { name: "bugs", records: 6402 },
    ],
    files: 1,
    bytes: 86e6,
    ago: 41,
    odd: {},
  },
  {
    name: "Orders",
    kind: "sqlite",
    path: "/srv/shop/orders.db",
    collections: [
      { name: "orders", records: 1_000_000 },
      { name: "customers", records: 4012 },
      { name: "lines", records: 3_204_118 },
    ],
    files: 1,
    bytes: 3.9e9,
    ago: 26,
    odd: { 3: "partial" },
  },
  {
    name: "Field notes",
    kind: "folder",
    path: "/home/mara/Field notes",
    collections: [],
    files: 640,
    bytes: 640e6,
    ago: 3060,
    odd: { 0: "failed", 1: "missed", 2: "failed" },
  },
  {
    name: "Harbour map",
    kind: "folder",
    path: "/home/mara/Maps/Harbour",
    collections: [],
    files: 9318,
    bytes: 31e6,
    ago: 300,
    odd: {},
  },
  {
    name: "Billing",
    kind: "sqlite",
    path: "/srv/billing/billing.db",
    collections: [
      { name: "invoices", records: 27_410 },
      { name: "payments", records: 31_022 },
    ],
    files: 1,
    bytes: 5.1e9,
    ago: 180,
    odd: { 7: "failed" },
  },
  {
    name: "Contracts",
    kind: "folder",
    path: "/home/mara/Contracts",
    collections: [],
    files: 4120,
    bytes: 12.8e9,
    ago: 540,
    odd: {},
    days: 10,
  },
];

function points(plan: Plan, seed: number, now: Date): RunPoint[] {
  const next = seeded(seed);
  const made: RunPoint[] = [];
  for (let ago = (plan.days ?? 14) - 1; ago >= 0; ago--) {
    const odd = plan.odd[ago];
    if (odd === "missed") {
      continue;
    }
    const verdict: Verdict = odd ?? "complete";
    const saved = verdict !== "failed";
    const number = seed * 1000 + ago;
    made.push({
      run: hexId(number, 12),
      time: new Date(
        now.getTime() - ago * DAY - (ago === 0 ? Math.min(plan.ago, 600) : plan.ago % 600) * MINUTE,
      ).toISOString(),
      seconds: 20 + Math.round(next() * 90),
      verdict,
      ...(saved ? { snapshot: hexId(number + 7), vault: "Office NAS" } : {}),
      bytes: Math.round(plan.bytes * 0.004 * next()),
      stored: Math.round(plan.bytes * 0.001 * next()),
      gaps: verdict === "partial" ? 13 : 0,
      ...(saved
        ? {}
        : { reason: ["unreachable", `${plan.path} could not be opened: permission denied.`] as [never, string] }),
    });
  }
  return made;
}

function gaps(plan: Plan): Gap[] {
  if (plan.odd[0] !== "partial") {
    return [];
  }
  return Array.from({ length: 13 }, (_, index) => ({
    subject: `files/Hiring/interview-${index + 1}.pdf`,
    kind: "io" as const,
    message: "The file could not be opened: permission denied.",
  }));
}

const capabilities: Capabilities = {
  records: false,
  files: true,
  changeFeed: false,
  attachments: false,
  create: true,
  update: true,
  delete: true,
  trash: false,
  conflicts: false,
  replicates: false,
  selectors: false,
  transactions: false,
  consistent: "perFile",
};

function capabilitiesOf(kind: Plan["kind"]): Capabilities {
  switch (kind) {
    case "sqlite":
      return { ...capabilities, records: true, transactions: true };
    case "couchdb":
      return {
        ...capabilities,
        records: true,
        files: false,
        changeFeed: true,
        attachments: true,
        conflicts: true,
        replicates: true,
        selectors: true,
      };
    default:
      return capabilities;
  }
}

/** Makes a source; `index` tells it from all others. */
export function makeSource(plan: Plan, index: number, now: Date): WorldSource {
  const runs = points(plan, index + 1, now);
  const last = runs[runs.length - 1];
  const saved = runs.filter((run) => run.snapshot).pop();
  return {
    row: {
      id: hexId(index + 500, 16),
      name: plan.name,
      kind: plan.kind,
      options: plan.kind === "couchdb" ? { url: plan.path, user: "backup" } : { path: plan.path },
      created: new Date(now.getTime() - 260 * DAY).toISOString(),
      capabilities: capabilitiesOf(plan.kind),
      ...(saved ? { lastBackup: saved.time } : {}),
      ...(last?.verdict ? { lastVerdict: last.verdict } : {}),
    },
    points: runs,
    gaps: gaps(plan),
    vaults: index % 2 ? ["Office NAS"] : ["Office NAS", "Blue USB disk"],
    sample: false,
    collections: plan.collections,
    files: plan.files,
    bytes: plan.bytes,
  };
}

function vault(name: string, path: string, number: number, now: Date, isDefault = false): VaultRow {
  return {
    name,
    path,
    isDefault,
    remembered: true,
    repositoryId: hexId(number),
    created: new Date(now.getTime() - 260 * DAY).toISOString(),
  };
}

/** A fresh world, as seen at `now`. `empty` has nothing set up yet. */
export function makeWorld(now: Date, empty = false): World {
  const free = { settings: { ...defaults }, passphrase: null, locked: false };
  if (empty) {
    return { now, sources: [], vaults: [], ...free };
  }
  return {
    now,
    ...free,
    sources: plans.map((plan, index) => makeSource(plan, index, now)),
    vaults: [
      vault("Office NAS", "/mnt/nas/backstay", 901, now, true),
      vault("Blue USB disk", "/media/mara/BLUE/backstay", 902, now),
      vault("Archive 2024", "/mnt/archive/2024", 903, now),
    ],
  };
}
