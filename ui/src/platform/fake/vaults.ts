/** Vaults of the fake. */
import type { Handlers } from "./handlers";

/** Answers about vaults. */
export const handlers: Handlers = {
  "vault.list": (_, { world }) => ({ vaults: world.vaults }),
};
