/** What is ticked of the databases of a server: a database as a whole, its parts, its documents by what they are like. */
import type { RecordMatch, Selection } from "../api";
import { type PartKind, partKinds } from "../shared/databases";
import type { Draft } from "./draft";
import { setTick, type Tick, type TickNode, type Ticks, tickOf } from "./ticks";
import type { DatabaseContent } from "./useContent";

/** What documents are like, as a person types it. */
export interface Like {
  /** What their ids begin with. */
  prefix: string;
  /** A question in the language of the service. */
  selector: string;
}

/** How the documents of a database are chosen. */
export type Choosing = "none" | "all" | "some" | "like";

/** The node of a collection of a database. Those that are restored only when they are named do not belong to everything. */
export function nodeOf(name: string, aside = false): TickNode {
  return { key: name, parents: [], rooted: !aside };
}

/** The parts a database is restored with unless somebody says otherwise. */
export function usualParts(database: DatabaseContent): PartKind[] {
  return partKinds.filter((kind) => database.parts[kind] && database.parts[kind]?.kind !== "aside");
}

/** How the box of a part looks. */
export function tickOfPart(ticks: Ticks, database: DatabaseContent, kind: PartKind): Tick {
  const part = database.parts[kind];
  return part ? tickOf(ticks, nodeOf(part.name, part.kind === "aside")) : "off";
}

/** How the documents of a database are chosen so far. */
export function choosingOf(draft: Pick<Draft, "ticks" | "matching">, name: string): Choosing {
  if (draft.matching[name]) {
    return "like";
  }
  const { ticks } = draft;
  switch (tickOf(ticks, nodeOf(name))) {
    case "on":
      return "all";
    case "mixed":
      return "some";
    default:
      return "none";
  }
}

/** How the box of a database looks: on when its documents and all its usual parts come back. */
export function tickOfDatabase(draft: Pick<Draft, "ticks" | "matching">, database: DatabaseContent): Tick {
  const choosing = choosingOf(draft, database.name);
  const states: Tick[] = [
    choosing === "all" ? "on" : choosing === "none" ? "off" : "mixed",
    ...usualParts(database).map((kind) => tickOfPart(draft.ticks, database, kind)),
  ];
  const local = tickOfPart(draft.ticks, database, "local") !== "off";
  if (states.every((state) => state === "on")) {
    return "on";
  }
  return states.every((state) => state === "off") && !local ? "off" : "mixed";
}

type Chosen = Pick<Draft, "ticks" | "matching">;

const unread = () => [];

function without(matching: Draft["matching"], name: string): Draft["matching"] {
  const { [name]: _, ...others } = matching;
  return others;
}

/** Ticks or unticks a collection of a database. */
export function setPart(draft: Chosen, name: string, aside: boolean, wanted: boolean, tops: string[]): Chosen {
  return { ...draft, ticks: setTick(draft.ticks, nodeOf(name, aside), wanted, tops, unread) };
}

/** Ticks a database with its usual parts, or unticks everything of it. */
export function setDatabase(draft: Chosen, database: DatabaseContent, wanted: boolean, tops: string[]): Chosen {
  let next: Chosen = { ticks: draft.ticks, matching: without(draft.matching, database.name) };
  next = setPart(next, database.name, false, wanted, tops);
  for (const kind of wanted ? usualParts(database) : partKinds) {
    const part = database.parts[kind];
    if (part) {
      next = setPart(next, part.name, part.kind === "aside", wanted, tops);
    }
  }
  return next;
}

/** Chooses the documents of a database in another way. Single documents are chosen by ticking them. */
export function setChoosing(draft: Chosen, name: string, choosing: Choosing, tops: string[]): Chosen {
  const plain = { ticks: draft.ticks, matching: without(draft.matching, name) };
  switch (choosing) {
    case "all":
      return setPart(plain, name, false, true, tops);
    case "like": {
      const next = setPart(plain, name, false, false, tops);
      return { ...next, matching: { ...next.matching, [name]: draft.matching[name] ?? { prefix: "", selector: "" } } };
    }
    default:
      return setPart(plain, name, false, false, tops);
  }
}

/** What is wrong with a question, as far as it can be told without the engine. */
export function likeProblem({ prefix, selector }: Like): "empty" | "json" | "object" | null {
  if (prefix === "" && selector.trim() === "") {
    return "empty";
  }
  if (selector.trim() === "") {
    return null;
  }
  try {
    const value: unknown = JSON.parse(selector);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "object";
  } catch {
    return "json";
  }
}

/** As the engine takes it. */
export function matchOf(collection: string, { prefix, selector }: Like): RecordMatch {
  return {
    collection,
    ...(prefix === "" ? {} : { prefix }),
    ...(selector.trim() === "" ? {} : { selector: selector.trim() }),
  };
}

/**
 * A selection that means what the boxes show: the engine takes the parts of a database that is named along, unless one of them is
 * named too.
 */
export function exactSelection(selection: Selection, databases: DatabaseContent[]): Selection {
  const only = new Set(selection.only ?? []);
  const named = new Set([...only].flatMap((word) => /^(.+)\/@(?:design|local|settings)(?:\/|$)/.exec(word)?.[1] ?? []));
  const out = databases
    .filter(({ name }) => only.has(name) && !named.has(name))
    .flatMap((database) => usualParts(database).flatMap((kind) => database.parts[kind]?.name ?? []));
  const except = [...new Set([...(selection.except ?? []), ...out])];
  return except.length > 0 ? { ...selection, except } : selection;
}

/** Databases of which anything comes back. */
export function chosenDatabases(draft: Chosen, databases: DatabaseContent[]): string[] {
  return databases.filter((database) => tickOfDatabase(draft, database) !== "off").map(({ name }) => name);
}
