/** What a design document does: its functions by what they are for, and whatever else it says. */
import { isService, ownMembers } from "./documents";
import { digits, jsonText } from "./values";

/** One function, or one index that is described instead of programmed. */
export interface DesignPart {
  group: DesignGroup;
  /** Its name in the group; empty for the only one. */
  name: string;
  /** `map`, `reduce`, or empty. */
  role: string;
  code: string;
}

/** What functions of a design document are for, in the order they are shown. */
export const designGroups = [
  "views",
  "indexes",
  "validate_doc_update",
  "filters",
  "updates",
  "shows",
  "lists",
  "rewrites",
] as const;
/** See {@link designGroups}. */
export type DesignGroup = (typeof designGroups)[number];

/** A design document taken apart. */
export interface Design {
  parts: DesignPart[];
  rest: Record<string, unknown>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && digits(value) === null;
}

function indented(value: unknown, by = ""): string {
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((one) => `${by}  ${indented(one, `${by}  `)}`).join(",\n")}\n${by}]`;
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const members = Object.entries(value).map(
      ([name, one]) => `${by}  ${JSON.stringify(name)}: ${indented(one, `${by}  `)}`,
    );
    return `{\n${members.join(",\n")}\n${by}}`;
  }
  return jsonText(value);
}

function codeOf(value: unknown): string {
  return typeof value === "string" ? value : indented(value);
}

/** Takes a design document apart. */
export function designOf(data: unknown): Design {
  const members = ownMembers(data);
  const parts: DesignPart[] = [];
  for (const group of designGroups) {
    const value = members[group];
    if (value === undefined) {
      continue;
    }
    if (!isObject(value)) {
      parts.push({ group, name: "", role: "", code: codeOf(value) });
      continue;
    }
    for (const [name, one] of Object.entries(value)) {
      if (isObject(one)) {
        for (const [role, code] of Object.entries(one)) {
          parts.push({ group, name, role, code: codeOf(code) });
        }
      } else {
        parts.push({ group, name, role: "", code: codeOf(one) });
      }
    }
  }
  const rest = Object.entries(members).filter(
    ([name]) => !isService(name) && !designGroups.some((one) => one === name),
  );
  return { parts, rest: Object.fromEntries(rest) };
}
