/** Coverage of the fake: collections of a source, or the folders of one, against its newest backups. */
import type { CoverageRow } from "../../api/generated";
import type { Handlers } from "./handlers";
import { findSource } from "./sources";
import type { WorldSource } from "./world";

function rows(source: WorldSource): CoverageRow[] {
  const savedAt = source.points.filter((point) => point.snapshot).at(-1)?.time;
  const seen = (kind: CoverageRow["kind"], name: string, n: number, live: number, more: number): CoverageRow => ({
    name,
    kind,
    sees: live,
    saved: n,
    last: n - more,
    state: "covered",
    gaps: 0,
    ...(savedAt ? { savedAt } : {}),
  });
  if (source.collections.length === 0) {
    const hiring = source.gaps.length;
    const letters = Math.round(source.files * 0.3);
    return [
      { ...seen("folder", "Hiring", 201, 214, 0), gaps: hiring, ...(source.gaps[0] ? { gap: source.gaps[0] } : {}) },
      seen("folder", "Letters", letters, letters, 2),
      seen("files", "", source.files - letters - 201, source.files - letters - 201, 0),
    ];
  }
  const made = source.collections.map(({ name, records }, index) =>
    seen("collection", name, records, records + index, [1, 4, 0, 11][index % 4] ?? 0),
  );
  if (source.row.name !== "Product ops") {
    return made;
  }
  const before = source.points.filter((point) => point.snapshot).at(-2)?.time;
  return [
    {
      name: "hiring",
      kind: "collection",
      last: 214,
      state: "outOfReach",
      gaps: 0,
      ...(before ? { savedAt: before } : {}),
    },
    { name: "drafts", kind: "collection", sees: 18, state: "new", gaps: 0 },
    ...made,
  ];
}

/** Answers about coverage. */
export const handlers: Handlers = {
  "source.coverage": ({ name }, { world }) => {
    const source = findSource(world, name);
    const newest = source.points.filter((point) => point.snapshot).at(-1);
    return {
      rows: rows(source),
      ...(newest?.snapshot ? { snapshot: newest.snapshot, time: newest.time } : {}),
    };
  },
};
