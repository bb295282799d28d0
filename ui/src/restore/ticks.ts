/**
 * What is ticked in the tree of a backup, kept as the words a selection has: what is wanted, and what is left out of that. A
 * collection of a million records is one word, whatever single records are taken out of it.
 */
import type { Selection } from "../api";
import { isBeside } from "../shared/databases";

/** What is wanted. */
export interface Ticks {
  /** Everything as it is stored. */
  all: boolean;
  only: string[];
  except: string[];
}

/** Something that can be ticked. */
export interface TickNode {
  /** Its word: `COLLECTION`, `COLLECTION/ID`, `files`, `files/PATH`. */
  key: string;
  /** Words of what it lies in, outermost first. */
  parents: string[];
  /** Everything includes it. Tables inside a stored database come with their file instead. */
  rooted: boolean;
}

/** How a box looks. */
export type Tick = "on" | "off" | "mixed";

/** Everything: what a restore begins with. */
export const everything: Ticks = { all: true, only: [], except: [] };
/** Nothing. */
export const nothing: Ticks = { all: false, only: [], except: [] };

/** Collections beside the documents of a database have their names below its own, and are none of its documents. */
const below = (key: string) => (word: string) => word.startsWith(`${key}/`) && !isBeside(key, word);

interface Index {
  only: Set<string>;
  except: Set<string>;
  /** What has something wanted, or left out, somewhere in it. */
  inOnly: Set<string>;
  inExcept: Set<string>;
}

const indexes = new WeakMap<Ticks, Index>();

function owners(words: string[]): Set<string> {
  const found = new Set<string>();
  for (const word of words) {
    for (let cut = word.indexOf("/"); cut > 0; cut = word.indexOf("/", cut + 1)) {
      const key = word.slice(0, cut);
      if (below(key)(word)) {
        found.add(key);
      }
    }
  }
  return found;
}

/** Thousands of boxes are drawn from thousands of words: each list is gone through once. */
function indexOf(ticks: Ticks): Index {
  const known = indexes.get(ticks);
  const index = known ?? {
    only: new Set(ticks.only),
    except: new Set(ticks.except),
    inOnly: owners(ticks.only),
    inExcept: owners(ticks.except),
  };
  indexes.set(ticks, index);
  return index;
}

function value(ticks: Ticks, keys: string[], rooted: boolean): boolean {
  const { only, except } = indexOf(ticks);
  let wanted = rooted && ticks.all;
  for (const key of keys) {
    if (only.has(key)) {
      wanted = true;
    }
    if (except.has(key)) {
      wanted = false;
    }
  }
  return wanted;
}

/** How the box of a node looks. */
export function tickOf(ticks: Ticks, node: TickNode): Tick {
  const wanted = value(ticks, [...node.parents, node.key], node.rooted);
  const { inOnly, inExcept } = indexOf(ticks);
  return (wanted ? inExcept : inOnly).has(node.key) ? "mixed" : wanted ? "on" : "off";
}

/** How the box of everything looks. */
export function tickOfAll(ticks: Ticks): Tick {
  if (ticks.all) {
    return ticks.except.length > 0 ? "mixed" : "on";
  }
  return ticks.only.length > 0 ? "mixed" : "off";
}

/** Nothing at all is wanted. */
export function isNothing(ticks: Ticks): boolean {
  return !ticks.all && ticks.only.length === 0;
}

/** Everything becomes a list of all that lies at the top: then one of them can be taken out or looked into. */
function spelled(ticks: Ticks, tops: string[]): Ticks {
  if (!ticks.all) {
    return ticks;
  }
  const [out, known] = [new Set(ticks.except), new Set(tops)];
  return {
    all: false,
    only: [...tops.filter((top) => !out.has(top)), ...ticks.only],
    except: ticks.except.filter((word) => !known.has(word)),
  };
}

/** A list of everything becomes *everything*. */
function gathered(ticks: Ticks, tops: string[]): Ticks {
  const [only, known] = [new Set(ticks.only), new Set(tops)];
  const whole = tops.length > 0 && tops.every((top) => only.has(top));
  const single = ticks.only.some((word) => !known.has(word));
  return whole && !single ? { all: true, only: [], except: ticks.except } : ticks;
}

/**
 * Ticks or unticks a node. `tops` are the words of what lies at the top; `childrenOf` names what lies directly in a folder, as far as
 * the tree has read it: what is ticked inside an unticked folder of a ticked one leaves the folder's other entries out instead.
 */
export function setTick(
  before: Ticks,
  node: TickNode,
  wanted: boolean,
  tops: string[],
  childrenOf: (key: string) => string[],
): Ticks {
  const ticks = spelled(before, tops);
  const outside = (word: string) => word !== node.key && !below(node.key)(word);
  const next: Ticks = { all: false, only: ticks.only.filter(outside), except: ticks.except.filter(outside) };
  if (value(next, node.parents, node.rooted) === wanted) {
    return gathered(next, tops);
  }
  if (!wanted) {
    return gathered({ ...next, except: [...next.except, node.key] }, tops);
  }
  const path = [...node.parents, node.key];
  const closed = path.findLastIndex((key) => next.except.includes(key));
  if (closed < 0) {
    return gathered({ ...next, only: [...next.only, node.key] }, tops);
  }
  const except = next.except.filter((word) => word !== path[closed]);
  for (let at = closed; at < path.length - 1; at++) {
    except.push(...childrenOf(path[at] ?? "").filter((child) => child !== path[at + 1]));
  }
  return gathered({ ...next, except }, tops);
}

/** Ticks words that may lie anywhere. */
export function addWords(before: Ticks, words: string[]): Ticks {
  if (before.all) {
    return { ...before, except: before.except.filter((word) => !words.includes(word)) };
  }
  const fresh = words.filter((word) => !before.only.includes(word));
  return { ...before, only: [...before.only, ...fresh], except: before.except.filter((word) => !words.includes(word)) };
}

/** As the engine takes it. */
export function selectionOf(ticks: Ticks): Selection {
  return { only: ticks.all ? [] : ticks.only, ...(ticks.except.length > 0 ? { except: ticks.except } : {}) };
}
