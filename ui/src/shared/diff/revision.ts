/** Members that say which revision of a document this is: they differ whenever anything does, and tell a reader nothing. */
import type { FieldChange } from "../../api";

const REVISION = /^\d+-\S+$/;

function isHistory(value: unknown): boolean {
  return typeof value === "object" && value !== null && "start" in value && "ids" in value;
}

/** Whether a member (a JSON Pointer) with this value is a document's revision or its history. */
export function isRevision(pointer: string, value: unknown): boolean {
  return (
    (pointer === "/_rev" && typeof value === "string" && REVISION.test(value)) ||
    (pointer === "/_revisions" && isHistory(value)) ||
    /^\/_revisions\/(start|ids)(\/|$)/.test(pointer)
  );
}

/** Changes without those of revisions; a change of nothing else stays, so that it is not taken for none. */
export function withoutRevisions(fields: FieldChange[]): FieldChange[] {
  const telling = fields.filter(({ field, before, after }) => !isRevision(field, after ?? before));
  return telling.length > 0 ? telling : fields;
}
