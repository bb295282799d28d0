/** One record at three moments: which fields differ, what was chosen for each, and which restores that takes. */
import { isLosslessNumber } from "lossless-json";
import type { Field, RestoreRequest, SnapshotRef } from "../api";
import { isRevision } from "../shared/diff/revision";
import { pointerOf } from "./text";

/** A moment other than now. */
export type Moment = "past" | "newest";
/** Chosen moments by field; a field without one stays as it is live. */
export type Choices = Readonly<Record<string, Moment>>;

/** A record's members at one moment; `null`: it was not there. */
export type Members = ReadonlyMap<string, unknown> | null;

/** One field at three moments. */
export interface FieldRow {
  name: string;
  past: unknown;
  newest: unknown;
  live: unknown;
  /** The source calculates it: it cannot be set. */
  computed: boolean;
  /** It belongs to the service and comes with the whole document: it cannot be set by itself. */
  service: boolean;
  /** All moments that can be read agree. */
  same: boolean;
}

/** The members of a record. */
export function membersOf(data: unknown): Members {
  return typeof data === "object" && data !== null ? new Map(Object.entries(data)) : null;
}

function key(value: unknown): string {
  return (
    JSON.stringify(value, (_, member: unknown) => {
      if (isLosslessNumber(member)) {
        return Number.isSafeInteger(Number(member.value)) ? Number(member.value) : `#${member.value}`;
      }
      if (typeof member === "bigint") {
        return `#${member}`;
      }
      if (typeof member === "object" && member !== null && !Array.isArray(member)) {
        return Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)));
      }
      return member;
    }) ?? "undefined"
  );
}

/** Whether two values have the same content. */
export function sameValue(one: unknown, other: unknown): boolean {
  return one === other || key(one) === key(other);
}

/** All fields, in the collection's order. A moment that cannot be read (`undefined`) takes no part in what differs. */
export function rowsOf(
  fields: Field[],
  moments: { past: Members | undefined; newest: Members | undefined; live: Members | undefined },
): FieldRow[] {
  const all = [moments.past, moments.newest, moments.live];
  const names = new Set(fields.map((field) => field.name).filter((name) => all.some((members) => members?.has(name))));
  for (const members of all) {
    for (const name of members?.keys() ?? []) {
      names.add(name);
    }
  }
  const computed = new Set(fields.filter((field) => field.computed).map((field) => field.name));
  const document = all.some((members) => members?.has("_id") && members.has("_rev"));
  const first = (name: string) => all.find((members) => members?.has(name))?.get(name);
  // A revision differs whenever anything does.
  const telling = [...names].filter((name) => !isRevision(`/${name}`, first(name)));
  return telling.map((name) => {
    const known = all.filter((members) => members !== undefined).map((members) => members?.get(name));
    return {
      name,
      past: moments.past?.get(name),
      newest: moments.newest?.get(name),
      live: moments.live?.get(name),
      computed: computed.has(name),
      service: document && name.startsWith("_"),
      same: known.every((value) => sameValue(value, known[0])),
    };
  });
}

/** Fields whose chosen value is another than the live one. */
export function changing(rows: FieldRow[], choices: Choices): FieldRow[] {
  return rows.filter((row) => {
    const chosen = choices[row.name];
    return chosen !== undefined && !row.computed && !row.service && !sameValue(row[chosen], row.live);
  });
}

/** One restore: which snapshot gives which fields. */
export interface Part {
  moment: Moment;
  at: SnapshotRef;
  fields: string[];
}

/** The restores that bring the chosen values, as few as possible: a value both moments have comes from the one that is needed anyway. */
export function partsOf(rows: FieldRow[], choices: Choices, at: Record<Moment, SnapshotRef>): Part[] {
  const wanted = changing(rows, choices);
  const only = (moment: Moment) =>
    wanted.filter((row) => choices[row.name] === moment && !sameValue(row.past, row.newest));
  const shared = wanted.filter((row) => sameValue(row.past, row.newest));
  const [then, newest] = [only("past"), only("newest")];
  if (then.length === 0 && newest.length > 0) {
    newest.push(...shared);
  } else {
    then.push(...shared);
  }
  const parts: Part[] = [];
  if (then.length) {
    parts.push({ moment: "past", at: at.past, fields: then.map((row) => row.name) });
  }
  if (newest.length) {
    parts.push({ moment: "newest", at: at.newest, fields: newest.map((row) => row.name) });
  }
  return parts;
}

/** What to ask the planner: these fields of this record, in place, and the backup wins, as the person chose it field by field. */
export function requestOf(part: Part, collection: string, id: string): RestoreRequest {
  const record = `${collection}/${id}`;
  return {
    from: { snapshot: part.at },
    selection: { only: [record], fields: [{ record, fields: part.fields.map(pointerOf) }] },
    target: "inPlace",
    policy: "remote",
  };
}
