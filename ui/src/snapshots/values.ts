/** Values of records: parsed without spoiling numbers, sorted into the kinds people see, compared, put into words. */
import { isLosslessNumber, isSafeNumber, LosslessNumber, parse } from "lossless-json";
import { text as say } from "../i18n";
import { bytes } from "../i18n/format";

/** What a value looks like to a person. */
export type ValueKind = "none" | "flag" | "number" | "date" | "time" | "link" | "text" | "long" | "list" | "json";

/** Texts longer than this are folded. */
export const LONG = 280;

/** Parses a record's text. Numbers stay as they are written; of two members with one name the last counts. */
export function parseExact(text: string): unknown {
  return parse(text, null, {
    parseNumber: (digits) => new LosslessNumber(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

/** The digits of a number, in whatever form it comes; `null` for anything else. */
export function digits(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "bigint") {
    return String(value);
  }
  return isLosslessNumber(value) ? value.value : null;
}

/** A value as JSON text, numbers exact. */
export function jsonText(value: unknown): string {
  const number = digits(value);
  if (number !== null) {
    return number;
  }
  if (Array.isArray(value)) {
    return `[${value.map(jsonText).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}: ${jsonText(member)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** Equal values have equal keys: members in any order, `1` and `1.0` alike. */
function key(value: unknown): string {
  const number = digits(value);
  if (number !== null) {
    return isSafeNumber(number) ? String(Number(number)) : number;
  }
  if (Array.isArray(value)) {
    return `[${value.map(key).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}:${key(member)}`)
      .sort()
      .join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** Whether two values have the same content. */
export function sameValue(one: unknown, other: unknown): boolean {
  return one === other || key(one) === key(other);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const LINK = /^(https?:\/\/|mailto:)\S+$/i;

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== "object" || digits(value) !== null;
}

/** Sorts a value. The source's own word for the type decides only where the value itself does not. */
export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined || value === "") {
    return "none";
  }
  if (typeof value === "boolean") {
    return "flag";
  }
  if (digits(value) !== null) {
    return "number";
  }
  if (typeof value === "string") {
    if (value.length <= 40 && DATE.test(value) && !Number.isNaN(Date.parse(value))) {
      return "date";
    }
    if (value.length <= 40 && TIME.test(value) && !Number.isNaN(Date.parse(value.replace(" ", "T")))) {
      return "time";
    }
    if (LINK.test(value)) {
      return "link";
    }
    return value.length > LONG || value.includes("\n") ? "long" : "text";
  }
  return Array.isArray(value) && value.every(isScalar) ? "list" : "json";
}

/** A number type in the words of the sources. */
export function isNumeric(kind: string): boolean {
  return /int|real|num|dec|float|double|money|serial/i.test(kind);
}

function dateText(value: string, options: Intl.DateTimeFormatOptions): string {
  const language = document.documentElement.lang || "en";
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options).format(
    new Date(value.replace(" ", "T")),
  );
}

/** A value as one line of text. */
export function plain(value: unknown): string {
  switch (kindOf(value)) {
    case "none":
      return "";
    case "flag":
      return say(value === true ? "snapshots:value.yes" : "snapshots:value.no");
    case "number":
      return digits(value) ?? "";
    case "date":
      return dateText(`${value}T12:00:00`, { day: "numeric", month: "short", year: "numeric" });
    case "time":
      return dateText(String(value), {
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
      });
    case "list":
      return (value as unknown[]).map(plain).join(", ");
    case "json":
      return jsonText(value);
    default:
      return String(value);
  }
}

/** The members of a record; a record that is no object has one without a name. */
export function membersOf(data: unknown): [string, unknown][] {
  return typeof data === "object" && data !== null && !Array.isArray(data) && digits(data) === null
    ? Object.entries(data)
    : [["", data]];
}

/** Names of fields that name a record, the best first; as the engine has them. */
const TITLES =
  "title name subject label headline displayname fullname filename summary caption titel betreff bezeichnung".split(
    " ",
  );

/** How well a field's name fits a title; the lower the better, `Infinity` not at all. */
function rank(name: string): number {
  const plainName = name.toLowerCase().replaceAll(/[_\- ]/g, "");
  const at = TITLES.indexOf(plainName);
  if (at >= 0) {
    return at;
  }
  return /(name|title)$/.test(plainName) ? TITLES.length : Number.POSITIVE_INFINITY;
}

/** What people call a record: the member that names it, else its id. */
export function titleOf(data: unknown, id: string, field?: string | null): string {
  const members = new Map(membersOf(data));
  const names = field
    ? [field]
    : [...members.keys()]
        .filter((name) => rank(name) < Number.POSITIVE_INFINITY)
        .sort((one, other) => rank(one) - rank(other));
  for (const name of names) {
    const value = members.get(name);
    if (typeof value === "string" && value.trim()) {
      return value.trim().slice(0, 200);
    }
    const number = digits(value);
    if (number !== null) {
      return number;
    }
  }
  return id;
}

/** `1c2f…a90e` */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id;
}

/** Size of an attachment, where it is known. */
export function sizeText(size: number | null | undefined): string {
  return size === null || size === undefined ? "" : bytes(size);
}
