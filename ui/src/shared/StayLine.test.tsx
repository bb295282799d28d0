/** The stay: knots by day, slack where a run failed, arrow keys, card, table. */
import { fireEvent, screen, within } from "@testing-library/react";
import i18next from "i18next";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import type { RunPoint, Verdict } from "../api";
import { axeFindings, NOW, render } from "../test/render";
import { dayMarks, heldPoints, StayLine, stayByDay, stayByRun } from "./StayLine";
import { sagOf, stretches, stretchPath } from "./stay/rope";

const t = i18next.t.bind(i18next);

function run(daysAgo: number, verdict: Verdict | null, hour = 9): RunPoint {
  const time = new Date(NOW.getFullYear(), NOW.getMonth(), NOW.getDate() - daysAgo, hour, 0);
  return { run: `r${daysAgo}-${hour}`, time: time.toISOString(), verdict, bytes: 0, stored: 0, gaps: 0 };
}

describe("the rope", () => {
  it("is taut between saved runs, also where days were left out", () => {
    expect(stretches([{ at: 0.1, status: "complete" }, { at: 0.2 }, { at: 0.5, status: "partial" }], 0.5)).toEqual([
      { from: 0.1, to: 0.5, sag: 0 },
    ]);
  });
  it("hangs slack from the last good run over a failed one, the deeper the longer", () => {
    const made = stretches(
      [
        { at: 0.1, status: "complete" },
        { at: 0.2, status: "failed" },
        { at: 0.3, status: "complete" },
        { at: 0.4, status: "failed" },
      ],
      1,
    );
    expect(made.map((one) => [one.from, one.to, one.sag > 0])).toEqual([
      [0.1, 0.3, true],
      [0.3, 1, true],
    ]);
    expect(made[1]?.sag).toBeGreaterThan(made[0]?.sag ?? 1);
    expect(sagOf(0)).toBeCloseTo(0.12);
    expect(sagOf(5)).toBeCloseTo(0.6);
  });
  it("only waits after the last knot where nothing failed, and has nothing before the first", () => {
    expect(stretches([{ at: 0.5, status: "complete" }], 1)).toEqual([{ from: 0.5, to: 1, sag: 0, waiting: true }]);
    expect(stretches([{ at: 0.5, status: "failed" }], 1)).toEqual([]);
    expect(stretchPath({ from: 0, to: 1, sag: 0 })).toBe("M0 50H100");
  });
  it("hangs slack where more time went by between two complete backups than was promised", () => {
    const hour = 3_600_000;
    const knots = [
      { at: 0.1, status: "complete" as const, good: [0, 0] as [number, number] },
      { at: 0.3, status: "complete" as const, good: [6 * hour, 6 * hour] as [number, number] },
      // A partial backup in between is no good one.
      { at: 0.5, status: "partial" as const },
      { at: 0.7, status: "complete" as const, good: [20 * hour, 21 * hour] as [number, number] },
      { at: 0.9, status: "complete" as const, good: [27 * hour, 27 * hour] as [number, number] },
    ];
    const made = stretches(knots, 0.9, { longest: 7 * hour });
    expect(made.map((one) => [one.from, one.to, one.sag > 0])).toEqual([
      [0.1, 0.3, false],
      [0.3, 0.5, true],
      [0.5, 0.7, true],
      [0.7, 0.9, false],
    ]);
    expect(stretches(knots, 0.9).every((one) => one.sag === 0)).toBe(true);
  });
  it("hangs from the last complete backup to now while the promise is broken", () => {
    const knots = [
      { at: 0.2, status: "complete" as const, good: [1, 1] as [number, number] },
      { at: 0.4, status: "complete" as const, good: [2, 2] as [number, number] },
      { at: 0.6, status: "partial" as const },
    ];
    expect(stretches(knots, 1, { broken: true })).toEqual([
      { from: 0.2, to: 0.4, sag: 0 },
      { from: 0.4, to: 1, sag: sagOf(0.6) },
    ]);
  });
});

describe("the points", () => {
  it("show the worst of each day", () => {
    const points = stayByDay(
      [run(1, "complete", 3), run(1, "partial", 9), run(0, "complete")],
      { now: NOW, days: 3 },
      t,
    );
    expect(points.map((point) => point.status)).toEqual([undefined, "partial", "complete"]);
    expect(points[1]?.what).toBe("1 complete, 1 partial");
    expect(points[0]?.what).toBe("no backup");
    expect(points[2]?.today).toBe(true);
  });
  it("stand at their times, one for each run", () => {
    const from = new Date(NOW.getTime() - 4 * 86_400_000);
    const points = stayByRun([run(9, "complete"), run(2, "failed"), run(0, null)], { from, to: NOW }, t);
    expect(points.map((point) => point.status)).toEqual(["failed", "running"]);
    expect(points[0]?.at).toBeGreaterThan(0.4);
    expect(points[0]?.at).toBeLessThan(0.6);
  });
  it("show a shield where a guard tripped, or at the newest backup", () => {
    const points = stayByDay([run(2, "complete"), run(1, "complete"), run(0, "failed")], { now: NOW, days: 4 }, t);
    expect(heldPoints(points).map((point) => point.status)).toEqual([undefined, "complete", "guard", "failed"]);
    expect(heldPoints(points, new Set(["r2-9"])).map((point) => point.status)).toEqual([
      undefined,
      "guard",
      "complete",
      "failed",
    ]);
    expect(heldPoints(points, new Set(["older"])).map((point) => point.status)[2]).toBe("guard");
  });
  it("name today last", () => {
    expect(dayMarks({ now: NOW }, t).at(-1)).toMatchObject({ label: "Today", today: true });
  });
});

describe("the stay line", () => {
  const points = stayByDay(
    [run(3, "complete"), run(2, "failed"), run(1, "complete"), run(0, "partial")],
    { now: NOW, days: 14 },
    t,
  );

  it("is walked with arrow keys, shows a card and opens", async () => {
    const onOpen = vi.fn();
    const { user } = render(<StayLine label="Orders" points={points} onOpen={onOpen} />);
    const knots = within(screen.getByRole("group", { name: "Orders" })).getAllByRole("button");
    expect(knots).toHaveLength(4);
    await user.tab();
    expect(knots[3]).toHaveFocus();
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(knots[1]).toHaveFocus();
    expect(knots[1]).toHaveAccessibleName("Wed 18 Nov: 1 failed");
    expect(await screen.findByText("1 failed", { selector: "div" })).toBeInTheDocument();
    await user.keyboard("{Home}{Enter}");
    expect(onOpen).toHaveBeenCalledWith(points[10]);
  });

  it("says everything in a table as well, and axe finds nothing", async () => {
    render(<StayLine label="Orders" points={points} marks={dayMarks({ now: NOW }, t)} />);
    const table = screen.getByRole("table", { name: "Orders: Backups by day" });
    expect(within(table).getByRole("row", { name: "Fri 20 Nov 1 partial" })).toBeInTheDocument();
    expect(within(table).getAllByRole("row")).toHaveLength(15);
    expect(await axeFindings()).toEqual([]);
  });

  it("draws failed runs slack", () => {
    const { container } = render(<StayLine label="Orders" points={points} />);
    expect(container.querySelectorAll("[data-line=slack]")).toHaveLength(1);
    expect(container.querySelectorAll("[data-line=taut]")).toHaveLength(1);
    expect(container.querySelector("[data-knot=failed]")).toBeInTheDocument();
  });

  it("leads to the next run by a dotted line, and says when that is", async () => {
    const { container } = render(<StayLine label="Orders" points={points} next="15:00" />);
    expect(screen.getByRole("img", { name: "next run: 15:00" })).toBeInTheDocument();
    expect(container.querySelectorAll("[data-line=ahead]")).toHaveLength(1);
    expect(await axeFindings()).toEqual([]);
  });

  it("springs taut when the promise is kept again, and only then", () => {
    function Line({ overdue }: { overdue: boolean }) {
      return <StayLine label="Orders" points={points} promiseMinutes={420} overdue={overdue} />;
    }
    function Switching() {
      const [overdue, setOverdue] = useState(true);
      return (
        <>
          <button type="button" onClick={() => setOverdue(!overdue)}>
            turn
          </button>
          <Line overdue={overdue} />
        </>
      );
    }
    const { container } = render(<Switching />);
    const springs = () => container.querySelectorAll("[data-springs]").length;
    expect(springs()).toBe(0);
    fireEvent.click(screen.getByRole("button", { name: "turn" }));
    expect(springs()).toBe(1);
    fireEvent.animationEnd(container.querySelector("[data-springs]") as Element);
    expect(springs()).toBe(0);
    fireEvent.click(screen.getByRole("button", { name: "turn" }));
    expect(springs()).toBe(0);
  });

  it("has no next run where there is none", () => {
    const { container } = render(<StayLine label="Orders" points={points} next={null} />);
    expect(screen.queryByRole("img", { name: /next run/ })).toBeNull();
    expect(container.querySelectorAll("[data-line=ahead]")).toHaveLength(0);
  });

  it("hangs while the promise is broken, though nothing failed", () => {
    const late = stayByDay([run(9, "complete"), run(8, "complete")], { now: NOW, days: 14 }, t);
    const { container } = render(<StayLine label="Orders" points={late} promiseMinutes={420} overdue />);
    expect(container.querySelectorAll("[data-line=slack]")).toHaveLength(2);
    expect(container.querySelectorAll("[data-line=waiting]")).toHaveLength(0);
  });
});
