/** A value of a record as text to read and to compare. */
import i18next from "i18next";

/** Whether a value is a scalar that is shown in one line. */
export function isPlain(value: unknown): boolean {
  return value === null || typeof value !== "object";
}

/** The value in words: texts as they are, lists of texts by comma, everything else as indented JSON. `undefined` is no value. */
export function valueText(value: unknown): string {
  if (value === undefined) {
    return "";
  }
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "boolean") {
    return i18next.t(value ? "common:diff.yes" : "common:diff.no");
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number")) {
    return value.join(", ");
  }
  return value === null ? "null" : JSON.stringify(value, null, 2);
}
