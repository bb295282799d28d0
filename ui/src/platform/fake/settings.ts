/** Settings of the fake. */
import type { Settings } from "../../api/generated";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";

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
  notifyRestore: true,
  cacheLimit: 1 << 30,
  keepInTray: true,
  lock: { opening: true, deleting: true, restoring: true },
  lockAfter: 15,
};

/** Answers about settings. */
export const handlers: Handlers = {
  "settings.get": (_, { world }) => world.settings,
  "settings.set": (request, fake) => {
    fake.world.settings = request;
    fake.emit("stale", { topics: ["settings"] });
    return request;
  },
  "lock.state": (_, { world }) => ({ set: world.passphrase !== null, locked: world.locked }),
  "lock.open": ({ passphrase }, fake) => {
    if (passphrase !== fake.world.passphrase) {
      throw apiError("auth", "This is not the passphrase.");
    }
    fake.world.locked = false;
    fake.emit("stale", { topics: ["lock"] });
    return { set: true, locked: false };
  },
  "lock.close": (_, fake) => {
    fake.world.locked = fake.world.passphrase !== null;
    fake.emit("stale", { topics: ["lock"] });
    return { set: fake.world.locked, locked: fake.world.locked };
  },
};
