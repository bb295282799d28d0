/**
 * What a person has chosen in the wizard so far. It is kept outside of the page, because closing the window ends the page:
 * whoever comes back finds the choices as they were. Nothing secret is in it.
 */
import type { ConflictPolicy, FieldPick, RestoreRequest, Selection, SnapshotRef, TargetSpec } from "../api";
import { exactSelection, type Like, matchOf } from "./databaseTicks";
import { everything, isNothing, selectionOf, type Ticks } from "./ticks";
import type { DatabaseContent } from "./useContent";

/** Steps of the wizard that are pages of `/restore`. */
export const steps = ["when", "what", "where", "conflicts", "preview"] as const;
export type StepName = (typeof steps)[number];

/** The choices. */
export interface Draft {
  /** What the address asked for; another address begins a new draft. */
  origin: string;
  step: StepName;
  /** Name of the source whose backups are offered. */
  source: string | null;
  /** The source was not named by the address: it is chosen in the first step. */
  chooseSource: boolean;
  at: SnapshotRef | null;
  /** The point in time as typed. */
  moment: string;
  ticks: Ticks;
  /** Documents chosen by what they are like, by database. */
  matching: Record<string, Like>;
  /** A new place, where it came from, or things of the same name in another source. */
  target: "new" | "inPlace" | "source";
  /** Another source that is written into; `null`: the one it came from. */
  into: string | null;
  /** How the target is to be written, by names of the kind's options. */
  options: Record<string, string>;
  /** The new place as typed; `null`: what the engine suggests. */
  path: string | null;
  /** What the engine suggested when the preview was made: a later suggestion must not change it. */
  pinned: string;
  policy: ConflictPolicy;
  /** Decisions for single items, by their word. */
  decisions: Record<string, ConflictPolicy>;
  /** Items unticked in the preview. */
  left: string[];
  /** The only items ticked in the preview, once everything was unticked there. */
  kept: string[] | null;
  /** Fields that are brought back, for items of which not all are. */
  fields: Record<string, string[]>;
  /** A plan that somebody saved and opened again; it is shown as it is. */
  plan: string | null;
}

/** What an address can ask for. */
export interface Wanted {
  snapshot?: string | undefined;
  vault?: string | undefined;
  source?: string | undefined;
  only?: string | undefined;
  /** A new place to begin with. */
  to?: string | undefined;
  /** A plan file. */
  plan?: string | undefined;
  /** `inPlace` presets that. */
  target?: string | undefined;
  /** Another source to write into. */
  into?: string | undefined;
}

const KEY = "backstay.restore";

/** `only` of an address: one word a line. */
export function wordsOf(only: string | undefined): string[] {
  return (only ?? "").split("\n").filter(Boolean);
}

function origin(wanted: Wanted): string {
  return JSON.stringify([
    wanted.snapshot,
    wanted.vault,
    wanted.source,
    wanted.only,
    wanted.to,
    wanted.plan,
    wanted.target,
    wanted.into,
  ]);
}

/** A draft that has only what the address says. */
export function freshDraft(wanted: Wanted): Draft {
  const only = wordsOf(wanted.only);
  return {
    origin: origin(wanted),
    step: wanted.plan ? "preview" : wanted.snapshot ? (only.length > 0 ? "where" : "what") : "when",
    source: wanted.source ?? null,
    chooseSource: !wanted.source && !wanted.snapshot,
    at: wanted.snapshot
      ? { snapshot: wanted.snapshot, ...(wanted.vault && wanted.vault !== "-" ? { vault: wanted.vault } : {}) }
      : null,
    moment: "",
    ticks: only.length > 0 ? { all: false, only, except: [] } : everything,
    matching: {},
    target: wanted.target === "inPlace" ? "inPlace" : wanted.into ? "source" : "new",
    into: wanted.into ?? null,
    options: {},
    path: wanted.to ?? null,
    pinned: "",
    policy: "skip",
    decisions: {},
    left: [],
    kept: null,
    fields: {},
    plan: wanted.plan ?? null,
  };
}

function stored(): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Draft | null;
    // One that an older window kept lacks what has come since.
    return kept && { ...kept, matching: kept.matching ?? {}, into: kept.into ?? null, options: kept.options ?? {} };
  } catch {
    return null;
  }
}

/** The draft for an address: the kept one if it began there (or if the address asks for nothing), else a new one. */
export function openDraft(wanted: Wanted): Draft {
  const kept = stored();
  const bare = !wanted.snapshot && !wanted.source && !wanted.plan && !wanted.to;
  return kept && (bare || kept.origin === origin(wanted)) ? kept : freshDraft(wanted);
}

/** Keeps a draft for as long as the restore has not begun. */
export function keepDraft(draft: Draft): void {
  localStorage.setItem(KEY, JSON.stringify(draft));
}

/** Forgets the draft. */
export function dropDraft(): void {
  localStorage.removeItem(KEY);
}

/** What leads to another plan, when it changes, leaves these decisions behind: they were made in the old preview. */
export const undecided = { decisions: {}, left: [], kept: null, fields: {}, pinned: "" } satisfies Partial<Draft>;

/** Nothing that exists is touched. */
export function isFresh(draft: Pick<Draft, "target">): boolean {
  return draft.target === "new";
}

/** Nothing at all is chosen. */
export function isEmpty(draft: Pick<Draft, "ticks" | "matching">): boolean {
  return isNothing(draft.ticks) && Object.keys(draft.matching).length === 0;
}

function targetOf({ target, into }: Draft, path: string): TargetSpec {
  switch (target) {
    case "inPlace":
      return "inPlace";
    case "source":
      return { source: { source: into ?? "" } };
    default:
      return into === null ? { new: path } : { source: { source: into, place: path } };
  }
}

function shownSelection(draft: Draft, databases: DatabaseContent[]): Selection {
  const matching = Object.entries(draft.matching).map(([name, like]) => matchOf(name, like));
  const selection = exactSelection(selectionOf(draft.ticks), databases);
  return matching.length > 0 ? { ...selection, matching } : selection;
}

/** What the preview shows: everything chosen, with what was unticked in the preview still in it. */
export function shownRequest(draft: Draft, path: string, databases: DatabaseContent[] = []): RestoreRequest | null {
  if (!draft.at || isEmpty(draft) || (draft.target === "new" && !path) || (draft.target === "source" && !draft.into)) {
    return null;
  }
  const decisions = Object.entries(draft.decisions);
  return {
    from: { snapshot: draft.at },
    selection: shownSelection(draft, databases),
    target: targetOf(draft, path),
    policy: isFresh(draft) ? "skip" : draft.policy,
    ...(decisions.length > 0 ? { decisions } : {}),
    ...(Object.keys(draft.options).length > 0 ? { options: draft.options } : {}),
  };
}

/** Whether an item of the preview is unticked. */
export function isLeft(draft: Pick<Draft, "left" | "kept">, word: string): boolean {
  return draft.kept ? !draft.kept.includes(word) : draft.left.includes(word);
}

/** Ticks items of the preview, or unticks them. */
export function setLeft(draft: Draft, words: string[], left: boolean): Partial<Draft> {
  const named = new Set(words);
  const others = (list: string[]) => list.filter((word) => !named.has(word));
  if (draft.kept) {
    return { kept: left ? others(draft.kept) : [...others(draft.kept), ...words] };
  }
  return { left: left ? [...others(draft.left), ...words] : others(draft.left) };
}

/**
 * What runs: the same without what was unticked. Nothing, when nothing is ticked any more. `tops` names all that lies at the top:
 * beside records of which only fields are picked, the engine does not take an empty selection for everything.
 */
export function runRequest(shown: RestoreRequest, draft: Draft, tops: string[]): RestoreRequest | null {
  const fields = Object.entries(draft.fields)
    .filter(([record]) => !isLeft(draft, record))
    .map(([record, picked]): FieldPick => ({ record, fields: picked }));
  const { except = [], ...selection } = shown.selection;
  if (draft.kept) {
    return draft.kept.length === 0
      ? null
      : { ...shown, selection: { only: draft.kept, ...(fields.length > 0 ? { fields } : {}) } };
  }
  const out = [...except, ...draft.left];
  const whole = (selection.only ?? []).length === 0 && (selection.matching ?? []).length === 0;
  const only = fields.length > 0 && whole ? { only: tops } : {};
  return {
    ...shown,
    selection: {
      ...selection,
      ...only,
      ...(out.length > 0 ? { except: out } : {}),
      ...(fields.length > 0 ? { fields } : {}),
    },
  };
}
