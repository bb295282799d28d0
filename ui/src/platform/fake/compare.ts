/** Comparisons of the fake. */
import type { ChangeCounts, DiffRequest, FieldChange, RecordChange } from "../../api/generated";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { findState, idIn, recordOf, rowsOf, specialIndexes } from "./snapshotsData";
import type { World } from "./world";

/** Members that differ, as the engine names them. */
export function fieldChanges(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): FieldChange[] => {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const [was, is] = [name in before, name in after];
    if (was && is) {
      const same = JSON.stringify(before[name]) === JSON.stringify(after[name]);
      return same ? [] : [{ field: pointer, change: "changed", before: before[name], after: after[name] }];
    }
    return was
      ? [{ field: pointer, change: "removed", before: before[name] }]
      : [{ field: pointer, change: "added", after: after[name] }];
  });
}

function diff(world: World, request: DiffRequest) {
  const before = findState(world, request.before.snapshot);
  const live = request.after.snapshot === "live" ? `live:${before.source.row.name}` : request.after.snapshot;
  const after = findState(world, live);
  if (before.source.row.kind !== after.source.row.kind) {
    throw apiError("usage", "These two are of different sources.");
  }
  const changes: RecordChange[] = [];
  const collections = before.source.collections
    .filter(({ name }) => !request.collection || request.collection === name)
    .map(({ name }) => {
      const counts: ChangeCounts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
      for (const index of specialIndexes) {
        const id = idIn(after, name, index);
        const was = recordOf(before, name, id)?.data as Record<string, unknown> | undefined;
        const is = recordOf(after, name, id)?.data as Record<string, unknown> | undefined;
        const fields = was && is ? fieldChanges(was, is) : [];
        const change = !was && is ? "added" : was && !is ? "removed" : fields.length ? "changed" : null;
        if (change) {
          counts[change]++;
          changes.push({ collection: name, id, change, fields: fieldChanges(was ?? {}, is ?? {}) });
        }
      }
      counts.unchanged = rowsOf(after, name).total - counts.added - counts.changed;
      return { collection: name, counts };
    });
  if (!request.collection || request.collection === "files") {
    const files: RecordChange[] =
      before.age === after.age || before.source.row.kind !== "folder"
        ? []
        : [
            {
              collection: "files",
              id: "Roadmap/q1.md",
              change: "changed",
              fields: [{ field: "/size", change: "changed", before: 812, after: 1204 }],
            },
            { collection: "files", id: "Meetings/meeting-9001.md", change: "added", fields: [] },
          ];
    changes.push(...files);
    const counts = {
      added: files.length ? 1 : 0,
      changed: files.length ? 1 : 0,
      removed: 0,
      unchanged: before.source.files,
    };
    collections.push({ collection: "files", counts });
  }
  const listed = request.summary ? [] : changes.slice(0, request.limit);
  return { collections, changes: listed, truncated: !request.summary && changes.length > request.limit };
}

/** Answers to comparisons. */
export const handlers: Handlers = {
  diff: (request, { world }) => diff(world, request),
};
