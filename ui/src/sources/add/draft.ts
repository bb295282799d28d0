/**
 * What the assistant knows so far. A copy without secrets is kept, so that a window closed in the middle goes on where it was;
 * secrets are typed again.
 */
import { useCallback, useState } from "react";
import type { ConnectorRow, PlanSpec } from "../../api";
import { nameFromUrl } from "../couch/login";
import { type Options, withoutSecrets } from "../OptionsForm";

/** Steps in order; *password* only for a new vault. */
export const steps = ["what", "connect", "where", "password", "first"] as const;
/** One step. */
export type Step = (typeof steps)[number];

/** A vault that does not exist yet. */
export interface NewVault {
  name: string;
  path: string;
}

/** When it is backed up: by a plan there is, by a new one, or (with neither) by hand only. */
export interface PlanPick {
  existing?: string;
  spec?: PlanSpec;
  /** Name of the new one. */
  name?: string;
}

/** Choices of the assistant. */
export interface Draft {
  step: Step;
  kind?: string;
  options: Options;
  name: string;
  /** The name was typed, not taken from the path. */
  named: boolean;
  /** Existing vaults it goes to. */
  vaults: string[];
  /** A new one; it joins `vaults` once it was made. */
  newVault?: NewVault | undefined;
  plan?: PlanPick | undefined;
  /** Save it although it could not be reached. */
  force: boolean;
  /** Go on with the history a vault holds under this name. */
  adopt?: boolean | undefined;
  /** What was made already. */
  madeVault?: string;
  madeSource?: string;
  /** It is in its plan. */
  planned?: boolean;
  job?: string;
}

const KEY = "backstay.assistant";
const fresh: Draft = { step: "what", options: {}, name: "", named: false, vaults: [], force: false };

/** What was kept, if it can still be read. */
export function keptDraft(): Draft | undefined {
  try {
    const text = localStorage.getItem(KEY);
    const kept = text ? (JSON.parse(text) as Partial<Draft>) : undefined;
    return kept?.kind && kept.step && steps.includes(kept.step) ? { ...fresh, ...kept } : undefined;
  } catch {
    return undefined;
  }
}

function keep(draft: Draft, connector: ConnectorRow | undefined): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...draft, options: withoutSecrets(connector, draft.options) }));
  } catch {
    // Without storage the choices last as long as the page.
  }
}

/** Forgets what was kept. */
export function dropDraft(): void {
  localStorage.removeItem(KEY);
}

/** The assistant's choices. `start` wins over what was kept: it comes with the address of the page. */
export function useDraft(start: Partial<Draft> | undefined) {
  const [draft, setDraft] = useState<Draft>(() => (start ? { ...fresh, ...start } : (keptDraft() ?? fresh)));
  const change = useCallback((next: Partial<Draft>, connector?: ConnectorRow) => {
    setDraft((now) => {
      const whole = { ...now, ...next };
      // Before a kind was chosen there is nothing worth keeping.
      if (whole.kind && connector) {
        keep(whole, connector);
      }
      return whole;
    });
  }, []);
  const reset = useCallback(() => {
    dropDraft();
    setDraft(fresh);
  }, []);
  return { draft, change, reset };
}

/** The last part of a path as a name for people: `/home/mara/Letters/` gives `Letters`. */
export function nameFromPath(path: string): string {
  const last =
    path
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .pop() ?? "";
  return last.replace(/\.(db|sqlite3?|db3)$/i, "");
}

/** The path a kind of source protects, from its settings. */
export function rootPath(connector: ConnectorRow | undefined, options: Options): string {
  const option = connector?.options.find((one) => one.path && one.required);
  const value = option ? options[option.name] : undefined;
  return typeof value === "string" ? value : "";
}

/** A name for what the settings protect: the last part of a path, or a server's. */
export function properName(connector: ConnectorRow | undefined, options: Options): string {
  return nameFromPath(rootPath(connector, options)) || nameFromUrl(options.url);
}
