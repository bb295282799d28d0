/** Steps of a plan in words: what they are about, what they are called, what their fields are called. */
import type { PlanCounts, PlanStep, StepAction, Subject } from "../api";

/** Kinds of steps in the order of the filter. */
export const actions: StepAction[] = [
  "create",
  "update",
  "keepBoth",
  "conflict",
  "skip",
  "same",
  "delete",
  "impossible",
];

/** The word of a selection for what a step is about. */
export function wordOfSubject(subject: Subject): string {
  return "record" in subject ? `${subject.record.collection}/${subject.record.id}` : `files/${subject.file.path}`;
}

/** Whether a step writes something: these can be unticked. */
export function writes(action: StepAction): boolean {
  return action === "create" || action === "update" || action === "keepBoth" || action === "delete";
}

/** Steps that write. */
export function writeCount(counts: PlanCounts): number {
  return counts.create + counts.update + counts.keepBoth + counts.delete;
}

/** All steps and what needs none. */
export function stepCount(counts: PlanCounts, same = true): number {
  return actions.reduce((sum, action) => sum + (same || action !== "same" ? counts[action] : 0), 0);
}

const naming = ["name", "title", "subject", "label", "summary", "headline", "email", "key"];

/** What people call a record: a member that is made for it, else its first short text. */
export function titleOf(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return undefined;
  }
  const texts = Object.entries(data).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string" && pair[1].trim() !== "" && pair[1].length <= 160,
  );
  for (const wanted of naming) {
    const found = texts.find(([name]) => name.toLowerCase() === wanted);
    if (found) {
      return found[1];
    }
  }
  return texts[0]?.[1];
}

/** A JSON Pointer as people read it: `address › city`. */
export function fieldName(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join(" › ") || pointer;
}

/** Where a step's subject lies, without its own name. */
export function placeOf(step: PlanStep): string {
  if ("record" in step.subject) {
    return step.subject.record.collection;
  }
  const { path } = step.subject.file;
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
