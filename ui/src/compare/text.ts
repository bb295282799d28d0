/** Fields and values of differences, in words. */
import { isLosslessNumber, stringify } from "lossless-json";
import type { FieldChange } from "../api";

/** `/settings/reminders` → `settings › reminders`. */
export function fieldName(pointer: string): string {
  return parts(pointer).join(" › ");
}

function parts(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The member of a record a pointer leads into. */
export function topField(pointer: string): string {
  return parts(pointer)[0] ?? "";
}

/** A pointer to a member of a record. */
export function pointerOf(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A value for a difference: texts and flags as they are, numbers by their digits, the rest as exact JSON. */
export function shownValue(value: unknown): unknown {
  if (value === undefined || typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  if (isLosslessNumber(value)) {
    return value.value;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return String(value);
  }
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || isLosslessNumber(one))) {
    return value.map((one) => String(isLosslessNumber(one) ? one.value : one)).join(", ");
  }
  return stringify(value, null, 2) ?? "";
}

/** Names of fields that name a record, the best first; as the engine has them. */
const TITLES =
  "title name subject label headline displayname fullname filename summary caption titel betreff bezeichnung".split(
    " ",
  );

/** How well a field's name fits a title; the lower the better, `Infinity` not at all. */
function rank(name: string): number {
  const plain = name.toLowerCase().replaceAll(/[_\- ]/g, "");
  const at = TITLES.indexOf(plain);
  return at >= 0 ? at : /(name|title)$/.test(plain) ? TITLES.length : Number.POSITIVE_INFINITY;
}

function named(values: Map<string, unknown>): string | null {
  const texts = [...values].filter(
    ([name, value]) => rank(name) < Number.POSITIVE_INFINITY && typeof value === "string" && value.trim(),
  );
  texts.sort(([one], [other]) => rank(one) - rank(other));
  const found = texts[0]?.[1];
  return found === undefined ? null : String(found).trim().slice(0, 200);
}

/** What people call a record, by its members. */
export function titleOfData(data: unknown): string | null {
  return typeof data === "object" && data !== null ? named(new Map(Object.entries(data))) : null;
}

/** What people call a record, by the fields of its difference: those of new and gone records name all members. */
export function titleOfFields(fields: FieldChange[]): string | null {
  return named(new Map(fields.map((field) => [topField(field.field), field.after ?? field.before])));
}
