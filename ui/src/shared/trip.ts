/** What a guard saw, in words: the same on the overview, on the source's page and in its question. */
import type { TFunction } from "i18next";
import type { HoldRow, Trip } from "../api/generated";
import { count } from "../i18n/format";

/** Kinds of alarms. */
export type TripKind = "massDeletion" | "emptied" | "schemaChanged" | "coverageLost" | "filesGone";

/** A trip, told apart. */
export interface TripFacts {
  kind: TripKind;
  /** The collection it is about. */
  collection?: string;
  /** Records or files before, and how many of them are gone. */
  before?: number;
  gone?: number;
  /** What to count: deletions, columns, or things out of reach. A number of deletions is typed to show that it was read. */
  number: number;
  /** Names of what is out of reach. */
  names: string[];
  /** Columns, in words of the source. */
  columns: { name: string; before: string; now?: string }[];
}

const none = { names: [], columns: [] };

/** The facts of a trip. One that is not known yet counts as *out of reach* of nothing. */
export function tripFacts(trip: Trip): TripFacts {
  if ("massDeletion" in trip) {
    const { collection, before, gone } = trip.massDeletion;
    return { kind: "massDeletion", collection, before, gone, number: gone, ...none };
  }
  if ("emptied" in trip) {
    const { collection, before } = trip.emptied;
    return { kind: "emptied", collection, before, gone: before, number: before, ...none };
  }
  if ("filesGone" in trip) {
    const { before, gone } = trip.filesGone;
    return { kind: "filesGone", before, gone, number: gone, ...none };
  }
  if ("schemaChanged" in trip) {
    const { collection, gone, retyped } = trip.schemaChanged;
    const columns = [
      ...gone.map(({ name, kind }) => ({ name, before: kind })),
      ...retyped.map(({ name, before, now }) => ({ name, before, now })),
    ];
    return { kind: "schemaChanged", collection, number: columns.length, names: [], columns };
  }
  const { names } = trip.coverageLost;
  return { kind: "coverageLost", number: names.length, names, columns: [] };
}

/** `customers`, or `records of “Hiring 2024”` where the name does not go into a sentence by itself. */
function things(collection: string, t: TFunction): string {
  const plain = /^\p{Ll}[\p{Ll}_]*$/u.test(collection);
  return t(plain ? "sources:guard.thingsPlain" : "sources:guard.things", { collection });
}

function values(facts: TripFacts, t: TFunction): Record<string, unknown> {
  return {
    count: facts.number,
    n: count(facts.number),
    before: count(facts.before ?? 0),
    collection: facts.collection ?? "",
    things: facts.collection === undefined ? "" : things(facts.collection, t),
    name: facts.names[0] ?? "",
  };
}

/** `3,904 of 4,012 customers were deleted at the source` */
export function tripTitle(trip: Trip, t: TFunction): string {
  const facts = tripFacts(trip);
  return t(`sources:guard.title.${facts.kind}`, values(facts, t));
}

/** `Were 3,904 customers deleted on purpose?` */
export function tripQuestion(trip: Trip, t: TFunction): string {
  const facts = tripFacts(trip);
  return t(`sources:guard.question.${facts.kind}`, values(facts, t));
}

/** `mass deletion`, beside a run. */
export function tripReason(trip: Trip, t: TFunction): string {
  return t(`sources:guard.reason.${tripFacts(trip).kind}`);
}

/** Whether there is a list of what went. */
export function canReview(trip: Trip): boolean {
  return tripFacts(trip).gone !== undefined;
}

/** Alarms of one cause: a source that goes to several vaults raises one in each. The newest of each cause first. */
export function byCause(holds: HoldRow[]): HoldRow[][] {
  const causes = new Map<string, HoldRow[]>();
  for (const hold of holds) {
    const cause = `${hold.source} ${JSON.stringify(hold.trip)}`;
    causes.set(cause, [...(causes.get(cause) ?? []), hold]);
  }
  return [...causes.values()];
}
