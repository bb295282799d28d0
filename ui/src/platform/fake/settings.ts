/** Settings of the fake. */
import type {
  CacheReply,
  LockSetRequest,
  LockState,
  Settings,
  SettingsImportReply,
  SettingsImportRequest,
} from "../../api/generated";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import type { Fake } from "./index";
import type { World } from "./world";

/** What a fresh Backstay is set to. */
export const defaults: Settings = {
  scheme: "system",
  colourBlind: false,
  zoom: 100,
  language: "system",
  reducedMotion: false,
  singleKeys: true,
  notifyComplete: false,
  notifyPartial: true,
  notifyFailed: true,
  notifyOverdue: true,
  notifyGuard: true,
  notifyRestore: true,
  cacheLimit: 1 << 30,
  keepInTray: true,
  lock: { opening: true, deleting: true, restoring: true },
  lockAfter: 15,
};

/** What the cache takes, by world. */
const caches = new WeakMap<World, CacheReply>();
/** Without a keychain: what `about` says then. `fake.world` of a test may be put in here. */
export const withoutKeychain = new WeakSet<World>();

function cache(world: World): CacheReply {
  return caches.get(world) ?? { bytes: 184e6, files: 212 };
}

function lockState(world: World): LockState {
  return { set: world.passphrase !== null, locked: world.locked };
}

function setLock({ current, new: next }: LockSetRequest, fake: Fake): LockState {
  const { world } = fake;
  if (world.passphrase !== null && current !== world.passphrase) {
    throw apiError("auth", "this is not the passphrase of the app lock");
  }
  world.passphrase = next ?? null;
  world.locked = false;
  fake.emit("stale", { topics: ["lock", "audit"] });
  return lockState(world);
}

/** What a settings file of the fake holds: one source that is new, and everything that is here. */
function importFile({ path, dryRun }: SettingsImportRequest, fake: Fake): SettingsImportReply {
  if (!path.endsWith(".json")) {
    throw apiError("unsupported", `${path} is no settings file of Backstay (no JSON); nothing was changed`);
  }
  const { world } = fake;
  if (!dryRun) {
    world.settings = { ...world.settings, scheme: "dark" };
    fake.emit("stale", { topics: ["settings", "sources", "vaults", "audit"] });
  }
  return {
    dryRun,
    sources: ["Old letters"],
    vaults: ["Cellar disk"],
    plans: ["Nightly"],
    channels: [],
    kept: world.sources.map((source) => source.row.name).slice(0, 3),
    secrets: ["Old letters: token"],
  };
}

/** Answers about settings. */
export const handlers: Handlers = {
  "settings.get": (_, { world }) => world.settings,
  "settings.set": (request, fake) => {
    fake.world.settings = request;
    fake.emit("stale", { topics: ["settings"] });
    // As the desktop does: it scales the whole window.
    document.documentElement.style.fontSize = request.zoom === 100 ? "" : `${request.zoom}%`;
    return request;
  },
  "settings.export": ({ path }) => ({ path }),
  "settings.import": importFile,
  "cache.info": (_, { world }) => cache(world),
  "cache.clear": (_, { world }) => {
    caches.set(world, { bytes: 0, files: 0 });
    return cache(world);
  },
  about: (_, { world }) => ({
    version: "0.1.0",
    home: "/home/mara/.local/share/backstay",
    ...(withoutKeychain.has(world)
      ? { secrets: "none", secretsProblem: "the keychain did not answer: no such name on the bus" }
      : { secrets: "System keychain (Secret Service)" }),
  }),
  "lock.state": (_, { world }) => lockState(world),
  "lock.set": setLock,
  "lock.open": ({ passphrase }, fake) => {
    if (passphrase !== fake.world.passphrase) {
      throw apiError("auth", "This is not the passphrase.");
    }
    fake.world.locked = false;
    fake.emit("stale", { topics: ["lock"] });
    return lockState(fake.world);
  },
  "lock.close": (_, fake) => {
    fake.world.locked = fake.world.passphrase !== null;
    fake.emit("stale", { topics: ["lock"] });
    return lockState(fake.world);
  },
};
