/** Choices per field: what changes, and which restores that takes. Sides and rows of comparisons. */
import { describe, expect, it } from "vitest";
import type { RecordChange, SnapshotRow } from "../api";
import { columnChanges } from "./Columns";
import { changing, membersOf, partsOf, requestOf, rowsOf, sameValue } from "./choices";
import { changedFields, entriesOf } from "./entries";
import { sidesOf } from "./sides";
import { fieldName, pointerOf, shownValue, titleOfFields } from "./text";

const field = (name: string, computed = false) => ({ name, kind: "TEXT", computed });
const past = membersOf({ status: "Open", due: "1 Nov", sum: 4, same: 1 });
const newest = membersOf({ status: "Open", due: "2 Nov", sum: 5, same: 1 });
const live = membersOf({ status: "Done", due: "3 Nov", sum: 6, same: 1 });
const rows = rowsOf([field("status"), field("due"), field("sum", true), field("same")], { past, newest, live });
const at = { past: { snapshot: "a" }, newest: { snapshot: "b" } };

describe("choices", () => {
  it("know which fields differ, and never change what is calculated or already so", () => {
    expect(rows.filter((row) => !row.same).map((row) => row.name)).toEqual(["status", "due", "sum"]);
    expect(changing(rows, {})).toEqual([]);
    expect(changing(rows, { sum: "past", same: "past", due: "past" }).map((row) => row.name)).toEqual(["due"]);
  });

  it("take one restore where one snapshot has all the values", () => {
    expect(partsOf(rows, { status: "past", due: "newest" }, at)).toEqual([
      { moment: "newest", at: at.newest, fields: ["due", "status"] },
    ]);
    expect(partsOf(rows, { status: "newest" }, at)).toEqual([{ moment: "past", at: at.past, fields: ["status"] }]);
  });

  it("take two where values come from both", () => {
    const other = rowsOf([], {
      past: membersOf({ a: 1, b: 1 }),
      newest: membersOf({ a: 2, b: 2 }),
      live: membersOf({ a: 3, b: 3 }),
    });
    expect(partsOf(other, { a: "past", b: "newest" }, at).map((part) => [part.moment, part.fields])).toEqual([
      ["past", ["a"]],
      ["newest", ["b"]],
    ]);
  });

  it("ask the planner for just these fields, in place", () => {
    const part = { moment: "past" as const, at: at.past, fields: ["a/b", "c"] };
    expect(requestOf(part, "roadmap", "7")).toEqual({
      from: { snapshot: { snapshot: "a" } },
      selection: { only: ["roadmap/7"], fields: [{ record: "roadmap/7", fields: ["/a~1b", "/c"] }] },
      target: "inPlace",
      policy: "remote",
    });
  });

  it("leave a moment that cannot be read out of what differs", () => {
    const without = rowsOf([], { past, newest: undefined, live: past });
    expect(without.every((row) => row.same)).toBe(true);
  });

  it("compare by content", () => {
    expect(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameValue(["a"], ["b"])).toBe(false);
  });
});

describe("texts of differences", () => {
  it("read pointers and values", () => {
    expect(fieldName("/settings/a~1b")).toBe("settings › a/b");
    expect(pointerOf("a~b/c")).toBe("/a~0b~1c");
    expect(shownValue(["a", 2])).toBe("a, 2");
    expect(shownValue({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(shownValue(undefined)).toBeUndefined();
    expect(titleOfFields([{ field: "/name", change: "removed", before: "Kai 7" }])).toBe("Kai 7");
  });
});

describe("the list", () => {
  const change = (
    collection: string,
    id: string,
    kind: RecordChange["change"],
    fields: string[] = [],
  ): RecordChange => ({
    collection,
    id,
    change: kind,
    fields: fields.map((name) => ({ field: `/${name}`, change: "changed", before: 1, after: 2 })),
  });
  const changes = [
    change("a", "1", "changed", ["x", "y"]),
    change("a", "2", "added"),
    change("b", "1", "changed", ["y"]),
  ];
  const counts = [
    { collection: "a", counts: { added: 1, changed: 1, removed: 0, unchanged: 8 } },
    { collection: "b", counts: { added: 0, changed: 1, removed: 0, unchanged: 0 } },
  ];
  const shape = (narrow: Parameters<typeof entriesOf>[2]) =>
    entriesOf(changes, counts, narrow).map((entry) =>
      entry.kind === "group" ? `${entry.collection} ${entry.changes}/${entry.total}` : entry.change.id,
    );

  it("groups by collection and narrows", () => {
    expect(shape({ change: null, field: null })).toEqual(["a 2/10", "1", "2", "b 1/1", "1"]);
    expect(shape({ change: "added", field: null })).toEqual(["a 2/10", "2"]);
    expect(shape({ change: null, field: "x" })).toEqual(["a 2/10", "1"]);
    expect(changedFields(changes)).toEqual(["x", "y"]);
  });
});

describe("columns", () => {
  const table = (name: string, fields: Record<string, string>) => ({
    name,
    kind: "table" as const,
    schema: { fields: Object.entries(fields).map(([one, kind]) => ({ name: one, kind, computed: false })), key: [] },
  });

  it("that came, went or changed their type are named; whole collections are not", () => {
    const before = [table("a", { x: "TEXT", y: "TEXT" }), table("b", { x: "TEXT" }), table("c", { x: "TEXT" })];
    const after = [table("a", { x: "INTEGER", z: "TEXT" }), table("b", { x: "TEXT" })];
    expect(columnChanges(before, after)).toEqual([
      { collection: "a", added: ["z"], removed: ["y"], retyped: [["x", "TEXT", "INTEGER"]] },
    ]);
  });
});

describe("sides", () => {
  const row = (id: string, source: string, time: string): SnapshotRow => ({
    id,
    source,
    time,
    vault: "v",
    host: "h",
    tags: [],
    safety: false,
  });
  const rows = [row("a1", "wiki", "1"), row("b1", "ops", "2"), row("a2", "wiki", "3")];
  const ids = (a: string | null, b: string | null) => {
    const { before, after } = sidesOf(a, b, rows);
    return [before?.id, after?.id];
  };

  it("are what people mean when one is missing", () => {
    expect(ids("a1", null)).toEqual(["a1", "live:wiki"]);
    expect(ids(null, "live:ops")).toEqual(["b1", "live:ops"]);
    expect(ids(null, "a2")).toEqual(["a1", "a2"]);
    expect(ids("wiki@latest", "live:wiki")).toEqual(["a2", "live:wiki"]);
    expect(ids(null, null)).toEqual([undefined, undefined]);
    expect(ids("zz", null)).toEqual([undefined, undefined]);
  });
});
