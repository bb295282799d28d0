/**
 * Asking for a password when a call turns out to need one. The dialog lives in the shell; here is only the agreement: a call
 * that was refused for want of a secret is made again with what the person typed, which is then forgotten.
 */
import type { CallOptions } from "../platform";
import { asError, type BackstayError } from "./error";

/** Which secret is missing. */
export interface SecretNeed {
  kind: "vaultPassword" | "lockPassphrase";
  /** Name of the vault, where known. */
  vault: string | undefined;
  /** What the call was refused with; a second try shows it. */
  error: BackstayError;
  /** How many times it was asked already. */
  tries: number;
}

/** Asks the person; `null` when they gave up. */
export type Prompter = (need: SecretNeed) => Promise<CallOptions | null>;

let prompter: Prompter | null = null;
let asking: Promise<unknown> = Promise.resolve();

/** The shell puts its dialog here; the returned function takes it away. */
export function setPrompter(ask: Prompter): () => void {
  prompter = ask;
  return () => {
    if (prompter === ask) {
      prompter = null;
    }
  };
}

/** What the error says is missing, if it is a secret that can be typed. */
export function missingSecret(error: BackstayError): Omit<SecretNeed, "error" | "tries"> | null {
  if (error.code === "appLocked") {
    return { kind: "lockPassphrase", vault: undefined };
  }
  if (error.code === "auth" && error.wire.vault) {
    return { kind: "vaultPassword", vault: error.wire.vault };
  }
  return null;
}

/** Makes a call; asks for the secret it lacks and makes it again, until it passes or the person gives up. */
export async function withSecrets<T>(once: (secrets: CallOptions) => Promise<T>): Promise<T> {
  let secrets: CallOptions = {};
  for (let tries = 0; ; tries++) {
    try {
      return await once(secrets);
    } catch (thrown) {
      const error = asError(thrown);
      const need = missingSecret(error);
      const ask = prompter;
      if (!need || !ask) {
        throw error;
      }
      // One question at a time, whatever number of calls wait.
      const answer = asking.then(() => ask({ ...need, error, tries }));
      asking = answer.catch(() => undefined);
      const given = await answer;
      if (!given) {
        throw error;
      }
      secrets = { ...secrets, ...given };
    }
  }
}
