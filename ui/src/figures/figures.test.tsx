/** Figures: day by day, rows, and the page with 3 and with 300 sources. */
import { configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DayPoint, SourceFigures, Verdict } from "../api";
import { apiError, Fake } from "../platform/fake";
import { trip } from "../platform/fake/guards";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { dayNames, filled, thinned, together } from "./daily";
import { filtered, sortable, sorted, usualSeconds } from "./rows";
import { sparkPath } from "./Spark";

configure({ asyncUtilTimeout: 30_000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/FiguresView"), import("../views/OverviewView"), import("./Charts")]);
}, 60_000);

function point(day: string, more: Partial<DayPoint> = {}): DayPoint {
  return {
    day,
    runs: { complete: 1, partial: 0, failed: 0, cancelled: 0 },
    worst: "complete",
    stored: 10,
    changes: [0, 0, 0],
    ...more,
  };
}

function figures(source: string, more: Partial<SourceFigures> = {}): SourceFigures {
  return {
    source,
    kind: "folder",
    health: "complete",
    overdue: false,
    held: false,
    runs: { complete: 1, partial: 0, failed: 0, cancelled: 0 },
    drills: [],
    days: [],
    ...more,
  };
}

describe("days", () => {
  it("are named one by one, over the change of the clocks and the year", () => {
    expect(dayNames("2026-10-24", "2026-10-26")).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"]);
    expect(dayNames("2026-12-31", "2027-01-01")).toEqual(["2026-12-31", "2027-01-01"]);
    expect(dayNames("2026-01-01", "2026-12-31")).toHaveLength(365);
    expect(dayNames("2026-01-02", "2026-01-01")).toEqual([]);
  });

  it("without anything keep the size and grow the age by a day", () => {
    const days = filled(
      [point("2026-11-02", { size: 100, ageMinutes: 60 }), point("2026-11-05", { size: 120, ageMinutes: 30 })],
      dayNames("2026-11-01", "2026-11-05"),
    );
    expect(days.map((day) => day.size)).toEqual([0, 100, 100, 100, 120]);
    expect(days.map((day) => day.age)).toEqual([undefined, 60, 1500, 2940, 30]);
    expect(days.map((day) => day.known)).toEqual([false, true, false, false, true]);
  });

  it("of all sources are sums, the worst verdict, and the oldest good backup", () => {
    const names = dayNames("2026-11-01", "2026-11-02");
    const failed = { runs: { complete: 0, partial: 0, failed: 2, cancelled: 0 }, worst: "failed" as Verdict };
    const days = together(
      [
        figures("A", { days: [point("2026-11-01", { size: 100, ageMinutes: 60 })] }),
        figures("B", {
          days: [point("2026-11-01", { ...failed, size: 50, ageMinutes: 90 }), point("2026-11-02", { ageMinutes: 10 })],
        }),
      ],
      names,
    );
    expect(days[0]).toMatchObject({
      runs: { complete: 1, failed: 2 },
      worst: "failed",
      size: 150,
      stored: 20,
      age: 90,
    });
    expect(days[1]).toMatchObject({ runs: { complete: 1, failed: 0 }, worst: "complete", size: 150, age: 1500 });
  });

  it("are thinned without losing a run", () => {
    const names = dayNames("2025-11-21", "2026-11-20");
    const days = together(
      [figures("A", { days: names.map((name) => point(name, { size: 7, ageMinutes: 5 })) })],
      names,
    );
    const few = thinned(days, 60);
    expect(few.length).toBeLessThanOrEqual(60);
    expect(few.reduce((sum, day) => sum + day.runs.complete, 0)).toBe(365);
    expect(few.reduce((sum, day) => sum + day.stored, 0)).toBe(3650);
    expect(few.every((day) => day.size === 7 && day.age === 5)).toBe(true);
    expect(thinned(days, 400)).toBe(days);
  });
});

describe("rows", () => {
  const rows = [
    figures("B", { successPercent: 50, rpoMinutes: 5 }),
    figures("a10", { successPercent: 100, health: "failed" }),
    figures("a9", { held: true }),
    figures("C", { successPercent: 75, overdue: true, rpoMinutes: 9000 }),
  ];
  const names = (by: (typeof sortable)[number], descending = false) =>
    sorted(rows, { by, descending }).map((row) => row.source);

  it("are sorted by every column; what is not known comes last either way", () => {
    expect(names("source")).toEqual(["a9", "a10", "B", "C"]);
    expect(names("state")).toEqual(["a9", "a10", "C", "B"]);
    expect(names("complete")).toEqual(["B", "C", "a10", "a9"]);
    expect(names("complete", true)).toEqual(["a10", "C", "B", "a9"]);
    expect(names("good", true).slice(0, 2)).toEqual(["C", "B"]);
    for (const by of sortable) {
      expect([...names(by, true)].sort()).toEqual([...names(by)].sort());
    }
  });

  it("are filtered by name and by what needs somebody", () => {
    expect(filtered(rows, " A1", false).map((row) => row.source)).toEqual(["a10"]);
    expect(filtered(rows, "", true).map((row) => row.source)).toEqual(["a10", "a9", "C"]);
  });

  it("know what a backup usually takes", () => {
    const days = [5, undefined, 1, 9].map((seconds, at) =>
      point(`2026-11-0${at + 1}`, seconds === undefined ? {} : { seconds }),
    );
    expect(usualSeconds(figures("A", { days }))).toBe(5);
    expect(usualSeconds(figures("A"))).toBeUndefined();
  });

  it("draw a line from the least to the most, and none of one value", () => {
    expect(sparkPath([1, undefined, 3], 10, 16)).toBe("M0.0 14.5L10.0 1.5");
    expect(sparkPath([2, 2], 10, 16)).toBe("M0.0 8.0L10.0 8.0");
    expect(sparkPath([undefined, 4])).toBe("");
  });
});

describe("the page", () => {
  let fake: Fake;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    fake = new Fake({ now: NOW, tick: 0 });
  });

  async function open(settings: RenderSettings) {
    const drawn = renderApp(settings);
    await screen.findByRole("main");
    return drawn;
  }
  const page = () => within(screen.getByRole("main"));

  it("says in a sentence how it went, then facts, charts with their tables, and a row for each source", async () => {
    trip(fake.world, "Orders");
    const { user, where, container } = await open({ fake, at: "/figures" });
    expect(await page().findByText(/^\d\d\.\d % of 173 runs in 30 days ended complete\.$/)).toBeInTheDocument();
    expect(page().getByText("Most you could lose now").parentElement).toHaveTextContent("3 days 1 h of Field notes");
    expect(page().getByText("Time to get it all back").parentElement).toHaveTextContent("without 2 never tried");
    for (const title of [
      "Calendar of runs",
      "Runs by day",
      "Oldest good backup",
      "Size of all sources",
      "Added to the vaults",
    ]) {
      const caption = await page().findByText(title, { selector: "caption" });
      expect(caption.closest("section")).toHaveAccessibleName(title);
    }
    const calendar = page().getByText("Calendar of runs", { selector: "caption" }).closest("table") as HTMLElement;
    expect(calendar.querySelectorAll("tbody tr")).toHaveLength(30);
    expect([...calendar.querySelectorAll("tr")].at(-1)).toHaveTextContent(/^Fri 20 Nov.*1 partial/);
    await page().findByText("Orders", { selector: "[role=grid] a" });
    const grid = container.querySelector("[role=grid]") as HTMLElement;
    expect(grid).toHaveAttribute("aria-rowcount", "8");
    // The worst first.
    const [, first, second] = [...grid.querySelectorAll<HTMLElement>("[role=row]")];
    expect(first).toHaveTextContent("Orders");
    expect(first).toHaveTextContent("Held by guard");
    expect(within(first!).getByRole("img", { name: /^Size: from 3\.\d GB to 3\.\d GB$/ })).toBeInTheDocument();
    expect(within(first!).getByRole("img", { name: /^27 complete, 1 partial, \d+ failed$/ })).toBeInTheDocument();
    expect(within(first!).getByRole("progressbar", { name: "2 % of the 1 day 1 h promised" })).toBeInTheDocument();
    expect(within(second!).getByText("never tried")).toBeInTheDocument();
    expect(await axeFindings(screen.getByRole("main"))).toEqual([]);
    grid.focus();
    await user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(where()).toBe("/sources/Field%20notes"));
  });

  it("asks for another stretch of time, and remembers it in its address", async () => {
    const { user, where } = await open({ fake, at: "/figures" });
    await user.click(await page().findByLabelText("90 days"));
    expect(where()).toBe("/figures?days=90");
    await waitFor(() => expect(fake.requests("figures").map((request) => request.days)).toContain(90));
    await waitFor(() => {
      const caption = page().getByText("Calendar of runs", { selector: "caption" });
      expect(caption.closest("table")?.querySelectorAll("tbody tr")).toHaveLength(90);
    });
  });

  it("sorts by a press on a head, again for the other way round", async () => {
    const { user, container } = await open({ fake, at: "/figures" });
    await page().findByText("Orders", { selector: "[role=grid] a" });
    const first = () => container.querySelectorAll("[role=row]")[1];
    const press = async () => user.click(page().getByText("Size", { selector: "[role=columnheader] *" }));
    await press();
    await waitFor(() => expect(first()).toHaveTextContent("Harbour map"));
    await press();
    await waitFor(() => expect(first()).toHaveTextContent("Contracts"));
  });

  it("stays readable with 300 sources: only rows in sight are drawn", async () => {
    const model = fake.world.sources[1]!;
    for (let n = 0; n < 293; n++) {
      const copy = structuredClone(model);
      copy.row.id += n;
      copy.row.name = `Copy ${n}`;
      fake.world.sources.push(copy);
    }
    const { user, container } = await open({ fake, at: "/figures?days=7" });
    // By text and attribute: roles and names of so many rows take long to compute.
    await page().findByText("Field notes", { selector: "[role=grid] a" });
    const grid = container.querySelector("[role=grid]");
    expect(grid).toHaveAttribute("aria-rowcount", "301");
    expect(container.querySelectorAll("[role=row]").length).toBeLessThan(40);
    const field = page().getByLabelText("Filter by name");
    fireEvent.change(field, { target: { value: "copy 29" } });
    expect(await page().findByText("4 of 300 shown")).toBeInTheDocument();
    await user.click(page().getByLabelText("Only what needs you"));
    expect(await page().findByText("No source fits this filter")).toBeInTheDocument();
    await user.click(page().getByText("Show all"));
    await waitFor(() => expect(container.querySelector("[role=grid]")).toHaveAttribute("aria-rowcount", "301"));
  });

  it("without a source offers to add one", async () => {
    await open({ fake: new Fake({ now: NOW, tick: 0, empty: true }), at: "/figures" });
    expect(await page().findByText("There is nothing to count yet")).toBeInTheDocument();
  });

  it("says what stands in the way", async () => {
    fake.fail("figures", apiError("io", "The state database did not answer."));
    const { user } = await open({ fake, at: "/figures" });
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("The state database did not answer.");
    fake.mend("figures");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("grid", { name: "Sources" })).toBeInTheDocument();
  });

  it("is reached from the overview", async () => {
    const { user, where } = await open({ fake });
    await user.click(await page().findByText("Figures", { selector: "a *" }));
    expect(where()).toBe("/figures");
  });
});
