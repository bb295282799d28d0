/** Which columns a table of records shows: the title first, then some fields, or what the person chose last time. */
import type { Field } from "../api";
import { isService } from "./documents";
import { isNumeric } from "./values";

/** Columns shown until the person chooses. */
const SHOWN = 6;

/** The name of the id where a table has no title. */
export const ID = "\u0000id";

function storageKey(source: string, collection: string): string {
  return `backstay.columns.${source}.${collection}`;
}

/** What was chosen for a collection, if anything. */
export function savedColumns(source: string, collection: string): string[] | null {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(storageKey(source, collection)) ?? "null");
    return Array.isArray(saved) ? saved.filter((name): name is string => typeof name === "string") : null;
  } catch {
    return null;
  }
}

/** Remembers a choice; `null` forgets it. */
export function saveColumns(source: string, collection: string, names: string[] | null): void {
  try {
    if (names) {
      localStorage.setItem(storageKey(source, collection), JSON.stringify(names));
    } else {
      localStorage.removeItem(storageKey(source, collection));
    }
  } catch {
    // A choice that cannot be kept still counts until the page is left.
  }
}

/** Whether the fields are those of documents, which carry their own id and revision beside what people wrote. */
export function areDocuments(fields: Field[]): boolean {
  return ["_id", "_rev"].every((name) => fields.some((field) => field.name === name));
}

/** The fields people wrote. */
export function tellingFields(fields: Field[]): Field[] {
  return areDocuments(fields) ? fields.filter((field) => !isService(field.name)) : fields;
}

/** Fields a table shows, the one that names records first. Chosen ones that are no longer there are left out. */
export function shownFields(
  fields: Field[],
  title: string | null | undefined,
  chosen: string[] | null,
  keys: string[] = [],
): Field[] {
  const first = fields.find((field) => field.name === title);
  const rest = fields.filter((field) => field !== first);
  // Beside a title an id says little.
  const telling = first ? rest.filter((field) => !keys.includes(field.name)) : rest;
  const picked = chosen ? rest.filter((field) => chosen.includes(field.name)) : telling.slice(0, SHOWN - 1);
  return first ? [first, ...picked] : picked;
}

/** Width of a column in px, by its type. */
export function widthOf(field: Field, title: boolean): number {
  if (title) {
    return 220;
  }
  if (isNumeric(field.kind) || /bool|flag/i.test(field.kind)) {
    return 96;
  }
  return /date|time/i.test(field.kind) ? 120 : 150;
}
