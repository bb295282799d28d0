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

const TITLES = ["title", "name", "subject", "label", "headline", "summary"];

function named(values: Map<string, unknown>): string | null {
  for (const title of TITLES) {
    for (const [name, value] of values) {
      if (name.toLowerCase() === title && typeof value === "string" && value.trim()) {
        return value.trim().slice(0, 200);
      }
    }
  }
  return null;
}

/** What people call a record, by its members. */
export function titleOfData(data: unknown): string | null {
  return typeof data === "object" && data !== null ? named(new Map(Object.entries(data))) : null;
}

/** What people call a record, by the fields of its difference: those of new and gone records name all members. */
export function titleOfFields(fields: FieldChange[]): string | null {
  return named(new Map(fields.map((field) => [topField(field.field), field.after ?? field.before])));
}
