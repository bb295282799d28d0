/** The choices of the wizard as values: ticks, typed times, drafts, requests. */
import { beforeEach, describe, expect, it } from "vitest";
import { dropDraft, freshDraft, keepDraft, openDraft, runRequest, setLeft, shownRequest } from "./draft";
import { parseMoment } from "./moment";
import {
  addWords,
  everything,
  isNothing,
  nothing,
  selectionOf,
  setTick,
  type TickNode,
  tickOf,
  tickOfAll,
} from "./ticks";

const tops = ["roadmap", "people", "files"];
const table: TickNode = { key: "roadmap", parents: [], rooted: true };
const record: TickNode = { key: "roadmap/7", parents: ["roadmap"], rooted: true };
const files: TickNode = { key: "files", parents: [], rooted: true };
const folder: TickNode = { key: "files/a", parents: ["files"], rooted: true };
const inner: TickNode = { key: "files/a/b", parents: ["files", "files/a"], rooted: true };
const none = () => [];

describe("ticks", () => {
  it("take one thing out of everything", () => {
    const ticks = setTick(everything, record, false, tops, none);
    expect(selectionOf(ticks)).toEqual({ only: [], except: ["roadmap/7"] });
    expect(tickOf(ticks, table)).toBe("mixed");
    expect(tickOf(ticks, record)).toBe("off");
    expect(tickOf(ticks, files)).toBe("on");
    expect(tickOfAll(ticks)).toBe("mixed");
  });

  it("name what is left when a whole table goes", () => {
    const ticks = setTick(everything, table, false, tops, none);
    expect(selectionOf(ticks)).toEqual({ only: ["people", "files"] });
    expect(tickOf(ticks, table)).toBe("off");
  });

  it("become everything again", () => {
    const ticks = setTick(setTick(everything, table, false, tops, none), table, true, tops, none);
    expect(ticks).toEqual(everything);
  });

  it("pick single records out of nothing", () => {
    const ticks = setTick(nothing, record, true, tops, none);
    expect(selectionOf(ticks)).toEqual({ only: ["roadmap/7"] });
    expect(tickOf(ticks, table)).toBe("mixed");
    expect(isNothing(setTick(ticks, record, false, tops, none))).toBe(true);
  });

  it("forget single records when their table is ticked", () => {
    const ticks = setTick(setTick(nothing, record, true, tops, none), table, true, tops, none);
    expect(selectionOf(ticks)).toEqual({ only: ["roadmap"] });
  });

  it("leave out the neighbours of what is ticked inside an unticked folder", () => {
    const closed = setTick(setTick(nothing, files, true, tops, none), folder, false, tops, none);
    expect(selectionOf(closed)).toEqual({ only: ["files"], except: ["files/a"] });
    const open = setTick(closed, inner, true, tops, () => ["files/a/b", "files/a/c", "files/a/d"]);
    expect(selectionOf(open)).toEqual({ only: ["files"], except: ["files/a/c", "files/a/d"] });
    expect(tickOf(open, inner)).toBe("on");
    expect(tickOf(open, folder)).toBe("mixed");
  });

  it("keep a table inside a stored database out of everything", () => {
    expect(tickOf(everything, { key: "app.db/rows", parents: [], rooted: false })).toBe("off");
  });

  it("add pasted ids once", () => {
    expect(addWords(addWords(nothing, ["a/1"]), ["a/1", "a/2"]).only).toEqual(["a/1", "a/2"]);
  });
});

describe("a typed time", () => {
  const now = new Date(2026, 10, 20, 9, 41);
  it.each([
    ["19 November 2026, 22:00", new Date(2026, 10, 19, 22, 0, 59)],
    ["Thursday 19 November 2026, 22:00", new Date(2026, 10, 19, 22, 0, 59)],
    ["19 Nov 22:00", new Date(2026, 10, 19, 22, 0, 59)],
    ["19.11.2026 22:00", new Date(2026, 10, 19, 22, 0, 59)],
    ["19/11/2026", new Date(2026, 10, 19, 23, 59, 59)],
    ["2026-11-19 22:00", new Date(2026, 10, 19, 22, 0, 59)],
    ["2026-11-19T22:00:05", new Date(2026, 10, 19, 22, 0, 5)],
    ["yesterday 21:00", new Date(2026, 10, 19, 21, 0, 59)],
    ["08:03", new Date(2026, 10, 20, 8, 3, 59)],
  ])("%s", (text, time) => {
    expect(parseMoment(text, now)).toEqual(time);
  });

  it.each(["", "soon", "31 February 2026", "2026-13-01", "19 Smarch 2026", "25:00"])("is not one: %s", (text) => {
    expect(parseMoment(text, now)).toBeNull();
  });
});

describe("a draft", () => {
  beforeEach(dropDraft);

  it("comes back for the address it began with, and for one that asks for nothing", () => {
    const draft = { ...freshDraft({ source: "Orders" }), moment: "yesterday" };
    keepDraft(draft);
    expect(openDraft({ source: "Orders" }).moment).toBe("yesterday");
    expect(openDraft({}).moment).toBe("yesterday");
    expect(openDraft({ source: "Billing" }).moment).toBe("");
  });

  it("begins after the questions its address has answered", () => {
    expect(freshDraft({ source: "Orders" }).step).toBe("when");
    expect(freshDraft({ snapshot: "abc" }).step).toBe("what");
    expect(freshDraft({ snapshot: "abc", only: "orders/7" }).step).toBe("where");
    expect(freshDraft({ snapshot: "bundle:/x.zip" }).step).toBe("what");
    expect(freshDraft({ plan: "/p.ndjson" }).step).toBe("preview");
  });

  it("survives a store with nonsense in it", () => {
    localStorage.setItem("backstay.restore", "{");
    expect(openDraft({ source: "Orders" }).source).toBe("Orders");
  });

  it("shows what was unticked, and runs without it", () => {
    const draft = { ...freshDraft({ snapshot: "abc", only: "orders" }), target: "inPlace" as const };
    const left = {
      ...draft,
      ...setLeft(draft, ["orders/1"], true),
      fields: { "orders/2": ["/status"], "orders/1": ["/x"] },
    };
    const shown = shownRequest(left, "");
    expect(shown?.selection).toEqual({ only: ["orders"] });
    expect(shown && runRequest(shown, left, tops)?.selection).toEqual({
      only: ["orders"],
      except: ["orders/1"],
      fields: [{ record: "orders/2", fields: ["/status"] }],
    });
  });

  it("runs only what was ticked again after everything was unticked", () => {
    const draft = { ...freshDraft({ snapshot: "abc" }), target: "inPlace" as const, kept: [] as string[] };
    const shown = shownRequest(draft, "");
    expect(shown && runRequest(shown, draft, tops)).toBeNull();
    const one = { ...draft, ...setLeft(draft, ["orders/3"], false) };
    expect(shown && runRequest(shown, one, tops)?.selection).toEqual({ only: ["orders/3"] });
  });

  it("names everything beside records of which only fields come back", () => {
    const draft = {
      ...freshDraft({ snapshot: "abc" }),
      target: "inPlace" as const,
      fields: { "roadmap/2": ["/status"] },
    };
    const shown = shownRequest(draft, "");
    expect(shown?.selection).toEqual({ only: [] });
    expect(shown && runRequest(shown, draft, tops)?.selection).toEqual({
      only: tops,
      fields: [{ record: "roadmap/2", fields: ["/status"] }],
    });
  });

  it("has no plan without a place", () => {
    expect(shownRequest(freshDraft({ snapshot: "abc" }), "")).toBeNull();
  });
});
