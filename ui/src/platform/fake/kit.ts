/** Recovery kits of the fake: a begun kit becomes one when its words are typed back. */
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import { opened, vaultState } from "./vaults";

const words = "harbour copper violin lantern winter pebble orchard signal tunnel ribbon meadow anchor".split(" ");
const ask = [2, 4, 11];
const begun = new Map<string, string>();
let count = 0;

function vaultOf(kit: string): string {
  const vault = begun.get(kit);
  if (!vault) {
    throw apiError("notFound", "This kit was given up or confirmed already.");
  }
  return vault;
}

/** Answers about recovery kits. */
export const handlers: Handlers = {
  "kit.begin": ({ name }, { world }, options) => {
    opened(world, name, options);
    const kit = `kit-${++count}`;
    begun.set(kit, name);
    return { kit, words, ask };
  },
  "kit.write": ({ kit, path }) => {
    const vault = vaultOf(kit);
    return { path: path ?? `/tmp/backstay-kit/${vault}.html` };
  },
  "kit.confirm": ({ kit, words: given }, fake) => {
    const vault = vaultOf(kit);
    const right = ask.every((number, index) => words[number - 1] === given[index]?.trim().toLowerCase());
    if (right) {
      begun.delete(kit);
      const state = vaultState(fake.world, vault);
      const now = fake.world.now.toISOString();
      state.kit = { made: now, confirmed: now, outdated: false };
      state.keys = [
        ...state.keys.filter((key) => key.user !== "recovery kit"),
        { id: hexId(5000 + count), user: "recovery kit", host: "studio-desk", created: now, inUse: false },
      ];
      fake.emit("stale", { topics: ["vaults"] });
    }
    return { confirmed: right };
  },
  "kit.cancel": ({ kit }) => {
    begun.delete(kit);
    return {};
  },
};
