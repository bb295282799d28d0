/** Vaults of the fake: each with its keys, locks, checks and kit. Passwords are kept only to tell right from wrong. */
import type {
  KeyRow,
  KeysReply,
  KitState,
  RunRow,
  VaultCreateRequest,
  VaultRow,
  VerifyReply,
} from "../../api/generated";
import type { CallOptions } from "../platform";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import type { World } from "./world";

/** A check that was made. */
interface Check {
  row: RunRow;
  share: number;
}

/** What a vault is beside its row. */
export interface VaultState {
  password: string;
  reachable: boolean;
  keys: KeyRow[];
  locks: string[];
  kit: KitState;
  checks: Check[];
  bytes: number;
  snapshots: number;
  /** Problems the next check finds. */
  damage: VerifyReply["problems"];
}

const states = new WeakMap<World, Map<string, VaultState>>();
const DAY = 86_400_000;
let made = 0;

function key(number: number, created: Date, user = "mara", inUse = false): KeyRow {
  return { id: hexId(number), user, host: "studio-desk", created: created.toISOString(), inUse };
}

function check(world: World, vault: string, daysAgo: number, share: number): Check {
  const started = new Date(world.now.getTime() - daysAgo * DAY);
  return {
    share,
    row: {
      id: hexId(970_000 + daysAgo + share, 12),
      kind: "check",
      vault,
      started: started.toISOString(),
      finished: new Date(started.getTime() + (share + 1) * 24_000).toISOString(),
      verdict: "complete",
      canUndo: false,
      canResume: false,
    },
  };
}

/** The state of a vault of the world; seeded at first sight. */
export function vaultState(world: World, name: string): VaultState {
  const all = states.get(world) ?? new Map<string, VaultState>();
  states.set(world, all);
  const known = all.get(name);
  if (known) {
    return known;
  }
  const index = world.vaults.findIndex((vault) => vault.name === name);
  const ago = (days: number) => new Date(world.now.getTime() - days * DAY);
  const fresh: VaultState = {
    password: "correct horse",
    reachable: index !== 1,
    keys: [key(800 + index, ago(260), "mara", true), ...(index === 0 ? [key(850, ago(48), "recovery kit")] : [])],
    locks: [],
    kit:
      index === 0
        ? { made: ago(48).toISOString(), confirmed: ago(48).toISOString(), outdated: false }
        : { outdated: false },
    checks: index === 0 ? [check(world, name, 3, 100), check(world, name, 5, 0), check(world, name, 12, 5)] : [],
    bytes: [23.4e9, 12.1e9, 3.2e9][index] ?? 0,
    snapshots: [1412, 88, 204][index] ?? 0,
    damage: [],
  };
  all.set(name, fresh);
  return fresh;
}

/** A vault by its name. */
export function findVault(world: World, name: string): VaultRow {
  const found = world.vaults.find((vault) => vault.name === name);
  if (!found) {
    throw notFound("vault", name);
  }
  return found;
}

/** The state of a vault that can be reached and opened now; otherwise the error the engine would give. */
export function opened(world: World, name: string, options: CallOptions): VaultState {
  const row = findVault(world, name);
  const state = vaultState(world, name);
  if (!state.reachable) {
    throw apiError("unreachable", `${row.path} is not there: is the disk plugged in?`);
  }
  if (!row.remembered && options.password !== state.password) {
    throw apiError("auth", `“${name}” needs its password.`, { vault: name });
  }
  return state;
}

function add(world: World, request: VaultCreateRequest, password: string): VaultRow {
  if (world.vaults.some((vault) => vault.name === request.name)) {
    throw apiError("refused", `There is a vault “${request.name}” already.`, { hint: "Choose another name." });
  }
  const row: VaultRow = {
    name: request.name,
    path: request.path,
    isDefault: world.vaults.length === 0,
    remembered: request.remember,
    repositoryId: hexId(950 + ++made),
    created: world.now.toISOString(),
  };
  world.vaults.push(row);
  Object.assign(vaultState(world, row.name), {
    password,
    reachable: true,
    keys: [key(2000 + made, world.now, "mara", true)],
    kit: { outdated: false },
    checks: [],
    bytes: 0,
    snapshots: 0,
  });
  return row;
}

function keys(state: VaultState): KeysReply {
  return { keys: state.keys };
}

/** Answers about vaults. */
export const handlers: Handlers = {
  "vault.list": (_, { world }) => ({ vaults: world.vaults }),
  "vault.create": (request, fake, options) => {
    if (!options.newPassword) {
      throw apiError("usage", "A new vault needs a password.");
    }
    const row = add(fake.world, request, options.newPassword);
    fake.emit("stale", { topics: ["vaults"] });
    return row;
  },
  "vault.add": (request, fake, options) => {
    if (/empty|nothing/i.test(request.path)) {
      throw apiError("notFound", `There is no vault in ${request.path}.`);
    }
    if (options.password !== "correct horse" && options.password?.split(" ").length !== 12) {
      throw apiError("auth", "This password does not open the vault.", { vault: request.name });
    }
    const row = add(fake.world, request, options.password);
    Object.assign(vaultState(fake.world, row.name), { bytes: 12.1e9, snapshots: 88 });
    fake.emit("stale", { topics: ["vaults", "snapshots"] });
    return row;
  },
  "vault.info": ({ name }, { world }, options) => {
    const state = opened(world, name, options);
    return {
      vault: findVault(world, name),
      snapshots: state.snapshots,
      ...(state.snapshots ? { newest: world.sources[0]?.row.lastBackup ?? null } : {}),
      bytes: state.bytes,
      packs: Math.round(state.bytes / 16e6),
      keys: state.keys.length,
      locks: state.locks,
      problems: [],
    };
  },
  "vault.remove": ({ name }, fake) => {
    const row = findVault(fake.world, name);
    fake.world.vaults.splice(fake.world.vaults.indexOf(row), 1);
    for (const source of fake.world.sources) {
      source.vaults = source.vaults.filter((vault) => vault !== name);
    }
    fake.emit("stale", { topics: ["vaults", "snapshots", "sources"] });
    return {};
  },
  "vault.keys": ({ name }, { world }, options) => keys(opened(world, name, options)),
  "vault.keyAdd": ({ name }, fake, options) => {
    const state = opened(fake.world, name, options);
    state.keys.push(key(3000 + ++made, fake.world.now));
    fake.emit("stale", { topics: ["vaults"] });
    return keys(state);
  },
  "vault.keyRemove": ({ name, key: id }, fake, options) => {
    const state = opened(fake.world, name, options);
    if (state.keys.length === 1) {
      throw apiError("refused", "This is the only key of the vault.", { hint: "Add another key first." });
    }
    state.keys = state.keys.filter((known) => !known.id.startsWith(id));
    fake.emit("stale", { topics: ["vaults"] });
    return keys(state);
  },
  "vault.password": ({ name }, fake, options) => {
    const state = vaultState(fake.world, name);
    if (options.password && options.password !== state.password) {
      throw apiError("auth", "This password does not open the vault.", { vault: name });
    }
    state.password = options.newPassword ?? state.password;
    state.keys = [...state.keys.slice(1), key(4000 + ++made, fake.world.now, "mara", true)];
    fake.emit("stale", { topics: ["vaults"] });
    return keys(state);
  },
  "vault.unlock": ({ name }, fake) => {
    const state = vaultState(fake.world, name);
    const alive = state.locks.filter((lock) => lock.includes("alive"));
    const removed = state.locks.filter((lock) => !lock.includes("alive"));
    state.locks = alive;
    fake.emit("stale", { topics: ["vaults"] });
    return { removed, kept: alive };
  },
  "vault.verify": ({ vault, readData }, fake, options) => {
    const state = opened(fake.world, vault, options);
    const packs = Math.round(state.bytes / 16e6);
    const share = readData ?? 0;
    const done = check(fake.world, vault, 0, share);
    const damaged = state.damage.some((problem) => !problem.harmless);
    done.row.verdict = damaged ? "failed" : "complete";
    state.checks.unshift(done);
    return {
      run: done.row.id,
      vault,
      verdict: damaged ? "failed" : "complete",
      ...(damaged ? { kind: "damaged" as const } : {}),
      snapshots: state.snapshots,
      packs,
      packsRead: Math.round((packs * share) / 100),
      bytesRead: Math.round((state.bytes * share) / 100),
      problems: state.damage,
    };
  },
  "vault.prune": ({ vault, dryRun }, { world }, options) => {
    opened(world, vault, options);
    return {
      vault,
      deletedBytes: 240e6,
      repackedBytes: 120e6,
      freedBytes: 310e6,
      unusedLeft: 12e6,
      packsDeleted: 18,
      dryRun,
    };
  },
  "vault.repair": ({ vault, dryRun }, { world }, options) => {
    const state = opened(world, vault, options);
    const lost = state.damage.flatMap((problem) => problem.affects);
    const steps = [
      "The index is written anew from 1,463 packs.",
      "2 snapshots are written again without what cannot be read.",
    ];
    if (!dryRun) {
      state.damage = [];
    }
    return { vault, steps, lost, ...(dryRun ? {} : { setAside: `${findVault(world, vault).path}/damaged` }), dryRun };
  },
};
