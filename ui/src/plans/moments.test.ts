/** Rules without a page: cells of the proof, cron lines, keep rules, words. */
import i18next from "i18next";
import { afterEach, describe, expect, it } from "vitest";
import type { PlanSpec, Schedule, SlotRow } from "../api";
import { setLanguage } from "../i18n";
import { cronProblem, cronWords } from "./cron";
import { freshSpec } from "./defaults";
import { draftProblem, same } from "./draft";
import { dayKind, keepReason, keepWords, ofPreset, presetOf } from "./keep";
import { firstChoice, momentCells, momentKind, scaleOf, together } from "./moments";
import { anotherTime } from "./TimeField";
import { nameFor, ofKind, scheduleWords } from "./timetable";
import { reasonWords, span } from "./words";

const t = i18next.t.bind(i18next);
afterEach(() => setLanguage("en"));

function slot(due: string, part: Partial<SlotRow> = {}): SlotRow {
  const time = new Date(due).toISOString();
  return { due: time, last: time, count: 1, state: "ran", attempts: 1, ...part };
}
const since = new Date("2026-11-01T00:00:00");
const counts = (slots: SlotRow[], schedule: Schedule, scale: "hours" | "days" = "hours") =>
  Object.fromEntries(
    [...momentCells(slots, schedule, scale, since)].map(([id, cell]) => [id, `${cell.kind} ${cell.count}`]),
  );

describe("moments", () => {
  it("of one hour share a cell, which shows the worst of them", () => {
    const slots = ["09:00", "09:05", "09:10"].map((time) => slot(`2026-11-20T${time}:00`));
    slots.push(slot("2026-11-20T09:15:00", { state: "failed", code: "io" }));
    const cells = momentCells(slots, { minutes: { every: 5 } }, "hours", since);
    const cell = cells.get("2026-11-20 09");
    expect(cell).toMatchObject({ kind: "failed", count: 4 });
    expect(cell?.shares[0]?.slot.code).toBe("io");
    expect(firstChoice(cells)).toBe("2026-11-20 09");
    expect(together(cell?.shares ?? []).map(({ slot: one, count }) => `${count} ${one.state}`)).toEqual([
      "1 failed",
      "3 ran",
    ]);
  });

  it("in a row are counted in the hours they lie in", () => {
    const night = slot("2026-11-20T00:00:00", {
      last: new Date("2026-11-20T02:10:00").toISOString(),
      count: 27,
      state: "missed",
      reason: "asleep",
    });
    expect(counts([night], { minutes: { every: 5 } })).toEqual({
      "2026-11-20 00": "asleep 12",
      "2026-11-20 01": "asleep 12",
      "2026-11-20 02": "asleep 3",
    });
  });

  it("in a row lie where the schedule puts them, not spread over the weekend", () => {
    const schedule: Schedule = { hours: { every: 6, from: "03:00", days: ["mon", "tue", "wed", "thu", "fri"] } };
    const away = slot("2026-11-13T15:00:00", {
      last: new Date("2026-11-16T03:00:00").toISOString(),
      count: 3,
      state: "missed",
      reason: "off",
    });
    expect(counts([away], schedule)).toEqual({
      "2026-11-13 15": "asleep 1",
      "2026-11-13 21": "asleep 1",
      "2026-11-16 03": "asleep 1",
    });
  });

  it("of a year of minutes cost no more than its hours", () => {
    const begin = new Date("2026-11-01T00:00:00");
    const year = slot(begin.toISOString(), {
      last: new Date(begin.getTime() + 525_599 * 60_000).toISOString(),
      count: 525_600,
      state: "missed",
      reason: "notRunning",
    });
    const cells = momentCells([year], { minutes: { every: 1 } }, "hours", since);
    expect([...cells.values()].reduce((sum, cell) => sum + cell.count, 0)).toBe(525_600);
    expect(cells.size).toBe(8760);
  });

  it("before the first day shown are left out", () => {
    expect(counts([slot("2026-10-31T09:00:00")], { daily: { times: ["09:00"] } }, "days")).toEqual({});
  });

  it("look as they went", () => {
    const kind = (part: Partial<SlotRow>) => momentKind(slot("2026-11-20T09:00:00", part));
    expect(kind({ state: "missed", reason: "battery" })).toBe("waited");
    expect(kind({ state: "missed", reason: "notRunning" })).toBe("asleep");
    expect(kind({ state: "caughtUp", reason: "asleep" })).toBe("caughtUp");
    expect(kind({ state: "caughtUp", reason: "battery" })).toBe("waited");
    expect(kind({ state: "waiting", reason: "metered" })).toBe("waited");
    expect(kind({ state: "notYet" })).toBe("notYet");
  });

  it("are shown by the day for plans that run seldom", () => {
    expect(scaleOf({ minutes: { every: 5 } }, [])).toBe("hours");
    expect(scaleOf({ daily: { times: ["02:00"] } }, [])).toBe("days");
    expect(scaleOf({ daily: { times: ["02:00", "14:00"] } }, [])).toBe("hours");
    expect(scaleOf({ monthly: { on: "last", time: "02:00" } }, [])).toBe("days");
    const days = ["2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z"];
    expect(scaleOf({ cron: { expression: "0 2 * * *" } }, days)).toBe("days");
    expect(scaleOf({ cron: { expression: "0 * * * *" } }, ["2026-11-20T02:00:00Z", "2026-11-20T03:00:00Z"])).toBe(
      "hours",
    );
  });
});

describe("cron lines", () => {
  it("say which field is wrong", () => {
    expect(cronProblem("0 6 99 * *")).toEqual({ field: "day" });
    expect(cronProblem("60 6 * * *")).toEqual({ field: "minute" });
    expect(cronProblem("0 24 * * *")).toEqual({ field: "hour" });
    expect(cronProblem("0 6 * 13 *")).toEqual({ field: "month" });
    expect(cronProblem("0 6 * * monday")).toEqual({ field: "weekday" });
    expect(cronProblem("*/0 * * * *")).toEqual({ field: "minute" });
    expect(cronProblem("0 6 * *")).toEqual({ found: 4 });
    expect(cronProblem("")).toEqual({ found: 0 });
  });

  it("leave to the engine what only it can judge", () => {
    for (const line of [
      "0 */6 * * *",
      "0 3,9 1-15/2 jan-mar MON-FRI",
      "0 6 L * *",
      "0 6 * * 5#2",
      "@daily",
      "0 0 30 2 *",
      "5/10 * * * 7",
    ]) {
      expect([line, cronProblem(line)]).toEqual([line, undefined]);
    }
  });

  it("are said in words, in the language of the window", () => {
    expect(cronWords("0 2 * * *")).toBe("At 02:00");
    setLanguage("de");
    expect(cronWords("0 2 * * *")).toBe("Um 02:00");
    expect(cronWords("no line")).toBeUndefined();
  });
});

describe("keep rules", () => {
  it("are presets, everything, or own ones", () => {
    expect(presetOf({})).toBe("everything");
    expect(presetOf({ forever: true })).toBe("everything");
    expect(presetOf({ preset: "30d-12w-12m" })).toBe("30d-12w-12m");
    expect(presetOf({ preset: "30d-12w-12m", last: 3 })).toBe("own");
    expect(presetOf({ daily: 7 })).toBe("own");
    expect(ofPreset("everything", { daily: 7 })).toEqual({});
    expect(ofPreset("own", { preset: "30d-12w-12m" })).toEqual({ daily: 30, weekly: 12, monthly: 12 });
    expect(ofPreset("own", { daily: 7 })).toEqual({ daily: 7 });
  });

  it("make a sentence", () => {
    expect(keepWords({ last: 3, daily: 7, within: "1y6m" }, t)).toBe(
      "the newest 3, one a day for 7 days, and everything of the last 1 year 6 months",
    );
  });

  it("give reasons in the window's language; unknown ones stay as they are", () => {
    expect(keepReason("hourly within 30d", t)).toBe("the one of its hour, within 30 days");
    expect(keepReason("safety copy, kept 30 days", t)).toBe("safety copy of a restore, kept 30 days");
    expect(keepReason("has tag before the move", t)).toBe("tagged “before the move”");
    expect(keepReason("newest snapshot, none is complete", t)).toBe("the newest; none is complete");
    expect(keepReason("pinned", t)).toBe("pinned");
    expect(keepReason("has tag held by guard", t)).toBe("held by a guard");
    expect(keepReason("because of the moon", t)).toBe("because of the moon");
    setLanguage("de");
    expect(keepReason("daily snapshot", t)).toBe("die ihres Tages");
  });

  it("colour a day by what goes", () => {
    const kind = (stay: number, go: number) => dayKind({ day: "2026-11-20", stay, go });
    expect([kind(0, 0), kind(1, 0), kind(4, 0), kind(1, 3), kind(0, 3)]).toEqual([
      "none",
      "one",
      "many",
      "some",
      "gone",
    ]);
  });
});

describe("words", () => {
  it("say a schedule", () => {
    const words = (schedule: Schedule) => scheduleWords(schedule, t);
    expect(words({ hours: { every: 6, from: "03:00", days: [] } })).toBe("every 6 hours from 03:00");
    expect(words({ weekly: { days: ["sun"], times: ["03:30"] } })).toBe("Sundays 03:30");
    expect(words({ weekly: { days: ["fri", "mon"], times: ["03:30"] } })).toBe("Mondays and Fridays 03:30");
    expect(words({ monthly: { on: { first: "sun" }, time: "05:00" } })).toBe("first Sunday of the month 05:00");
    expect(words({ monthly: { on: { day: 12 }, time: "01:00" } })).toBe("12th of the month 01:00");
    expect(words({ monthly: { on: { day: 22 }, time: "01:00" } })).toBe("22nd of the month 01:00");
    expect(words({ daily: { times: ["14:00", "02:00"] } })).toBe("every day 02:00 and 14:00");
  });

  it("propose a name nobody has", () => {
    expect(nameFor({ hours: { every: 6, from: "03:00", days: [] } }, [], t)).toBe("Every 6 hours");
    expect(nameFor({ daily: { times: ["02:00"] } }, ["Nightly", "Nightly 2"], t)).toBe("Nightly 3");
  });

  it("take the largest unit, and codes nobody knows as they are", () => {
    expect([span(420, t), span(1440, t), span(90, t)]).toEqual(["7 hours", "1 day", "90 minutes"]);
    expect(reasonWords("moonlight", t)).toBe("moonlight");
    expect(reasonWords("io", t)).toBe("A file could not be read or written");
  });
});

describe("drafts", () => {
  const draft = (spec: Partial<PlanSpec>, sources = ["Billing"]) => ({
    sources,
    vaults: [],
    spec: { ...freshSpec(), ...spec },
  });
  const by = (schedule: Schedule) => ({ timetable: { schedule, zone: "local", jitterMinutes: 0 } });

  it("are the same when they say the same", () => {
    expect(same({ a: 1, b: null }, { a: 1 })).toBe(true);
    expect(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(same({ a: [1] }, { a: [1, 2] })).toBe(false);
    expect(same({ a: 1 }, { a: 1, c: 0 })).toBe(false);
  });

  it("say why they cannot be saved", () => {
    expect(draftProblem(draft({}))).toBeUndefined();
    expect(draftProblem(draft({}, []))).toBe("noSources");
    expect(draftProblem(draft(by({ cron: { expression: "x" } })))).toBe("cron");
    expect(draftProblem(draft(by({ daily: { times: [] } })))).toBe("noTimes");
    expect(draftProblem(draft(by({ minutes: { every: 0 } })))).toBe("every");
    expect(draftProblem(draft({ keep: { within: "soon" } }))).toBe("span");
    expect(draftProblem(draft({ hooks: { before: { command: " " } } }))).toBe("hook");
  });

  it("keep times of day when the kind changes", () => {
    expect(ofKind("weekly", { daily: { times: ["02:00", "14:00"] } })).toEqual({
      weekly: { days: ["mon"], times: ["02:00", "14:00"] },
    });
    expect(ofKind("cron", { minutes: { every: 30 } }, "*/30 * * * *")).toEqual({
      cron: { expression: "*/30 * * * *" },
    });
    expect(anotherTime(["02:00"])).toBe("14:00");
    expect(anotherTime(["02:00", "14:00"])).toBe("15:00");
  });
});
