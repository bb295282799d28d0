/** Sources: the list, one source's timeline, retention, removal, settings. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunPoint } from "../api";
import { apiError, Fake } from "../platform/fake";
import { findSource } from "../platform/fake/sources";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { previous } from "./page/RunTable";
import { knots, median, spanOf } from "./page/range";

configure({ asyncUtilTimeout: 30_000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/SourcesView"), import("../views/SourceView")]);
}, 60_000);

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

function point(n: number, more: Partial<RunPoint> = {}): RunPoint {
  return {
    run: `run${n}`,
    time: new Date(NOW.getTime() - (1000 - n) * 3_600_000).toISOString(),
    verdict: "complete",
    snapshot: `snap${n}`,
    vault: "A",
    bytes: 0,
    stored: 10,
    gaps: 0,
    ...more,
  };
}

describe("a timeline", () => {
  it("compares each backup with the one before it in the same vault", () => {
    const points = [point(1), point(2, { vault: "B" }), point(3, { snapshot: null, verdict: "failed" }), point(4)];
    const before = previous(points);
    expect(before.get("run4")?.run).toBe("run1");
    expect(before.has("run1")).toBe(false);
    expect(before.has("run2")).toBe(false);
  });

  it("gathers many runs into few knots and keeps the worst of each in sight", () => {
    const points = Array.from({ length: 900 }, (_, n) =>
      point(n, n === 450 ? { verdict: "failed", snapshot: null } : {}),
    );
    const line = knots(points, spanOf(60, NOW), ((key: string) => key) as never);
    expect(line.length).toBeLessThanOrEqual(60);
    expect(line.filter((knot) => knot.status === "failed")).toHaveLength(1);
    expect(line.reduce((sum, knot) => sum + knot.runs.length, 0)).toBe(900);
  });

  it("takes the middle run as the typical one", () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([])).toBeUndefined();
  });
});

describe("the list of sources", () => {
  it("shows all with their state, and filters by state", async () => {
    const { user } = await open({ fake, at: "/sources" });
    const row = (await page().findByRole("link", { name: "Team wiki" })).closest("tr") as HTMLElement;
    expect(row).toHaveTextContent("Partial");
    expect(row).toHaveTextContent("13 gaps");
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "All states" }));
    await user.click(await screen.findByRole("menuitem", { name: "Failed" }));
    expect(await page().findByText("1 of 7 shown")).toBeInTheDocument();
    expect(page().queryByRole("link", { name: "Team wiki" })).toBeNull();
  });

  it("finds by name once there are many, and says when nothing fits", async () => {
    const copy = structuredClone(fake.world.sources[1]!);
    copy.row = { ...copy.row, id: "another", name: "Zeppelin" };
    fake.world.sources.push(copy);
    const { user } = await open({ fake, at: "/sources" });
    await user.type(await page().findByRole("textbox", { name: "Filter by name" }), "zzz");
    expect(await page().findByText("No source fits this filter")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Show all" }));
    expect(page().getByRole("link", { name: "Zeppelin" })).toBeInTheDocument();
  });

  it("opens the source whose row is clicked, wherever in the row", async () => {
    const { user, where } = await open({ fake, at: "/sources" });
    const row = (await page().findByRole("link", { name: "Harbour map" })).closest("tr") as HTMLElement;
    await user.click(within(row).getByText("31 MB"));
    expect(where()).toBe("/sources/Harbour%20map");
  });

  it("acts on the row that has the focus by letters", async () => {
    const { user, where } = await open({ fake, at: "/sources" });
    (await page().findByRole("link", { name: "Orders" })).focus();
    await user.keyboard("b");
    await waitFor(() =>
      expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { sources: ["Orders"] } }]),
    );
    await user.keyboard("r");
    expect(where()).toBe("/restore?source=Orders");
  });
});

describe("a source", () => {
  it("lists its backups by day with what is missing, and what to do", async () => {
    const { user } = await open({ fake, at: "/sources/Team%20wiki" });
    expect(await page().findByText("Saved, with 13 gaps")).toBeInTheDocument();
    expect(page().getByText(/13 things are missing from the backup of/)).toBeInTheDocument();
    const table = page()
      .getAllByRole("table")
      .find((one) => one.hasAttribute("aria-rowcount")) as HTMLElement;
    expect(table).toHaveAttribute("aria-rowcount", "14");
    expect(within(table).getByRole("rowheader", { name: "Yesterday" })).toBeInTheDocument();
    expect(page().queryByText("files/Hiring/interview-9.pdf")).toBeNull();
    await user.click(page().getByRole("button", { name: "See the 13 gaps" }));
    expect(page().getByText("files/Hiring/interview-9.pdf")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("backs up by button as a job and shows how far it is", async () => {
    const { user } = await open({ fake, at: "/sources/Orders" });
    await user.click(await page().findByRole("button", { name: "Back up now" }));
    const job = await page().findByRole("region", { name: /Orders/ });
    await fake.jobs.step("job-1");
    await user.click(within(job).getByRole("button", { name: /Cancel/ }));
    expect(page().getByRole("button", { name: "Back up now" })).toBeDisabled();
  });

  it("says why a backup could not be started", async () => {
    fake.fail("job.start", apiError("locked", "Another Backstay works here."));
    const { user } = await open({ fake, at: "/sources/Orders" });
    await user.click(await page().findByRole("button", { name: "Back up now" }));
    expect(await page().findByRole("alert")).toHaveTextContent("Another Backstay works here.");
  });

  it("asks for a longer stretch of time only when it is wanted", async () => {
    const { user } = await open({ fake, at: "/sources/Orders" });
    await user.click(await page().findByRole("radio", { name: "90 days" }));
    await waitFor(() => {
      const asked = fake.requests("overview").filter((request) => request.source === "Orders");
      const days = asked.map(({ since }) => (NOW.getTime() - Date.parse(since ?? "")) / 86_400_000);
      expect(Math.max(...days)).toBeGreaterThan(88);
    });
  });

  it("without backups offers the first one", async () => {
    findSource(fake.world, "Contracts").points = [];
    const { user } = await open({ fake, at: "/sources/Contracts" });
    expect(await page().findByText("No backup of Contracts yet")).toBeInTheDocument();
    await user.click(page().getAllByRole("button", { name: "Back up now" }).at(-1) as HTMLElement);
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
  });

  it("shows what retention would remove, and removes it only then", async () => {
    const { user } = await open({ fake, at: "/sources/Orders" });
    await user.click(await page().findByRole("button", { name: "More for Orders" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove old backups…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove old backups of Orders" });
    expect(await within(dialog).findByText("Nothing would go: all 14 backups stay.")).toBeInTheDocument();
    expect(within(dialog).getByRole("button", { name: /^Remove 0/ })).toBeDisabled();
    await user.click(within(dialog).getByRole("combobox", { name: "Keep" }));
    await user.click(await screen.findByRole("option", { name: "the newest ones", hidden: true }));
    const number = within(dialog).getByRole("textbox", { name: "Backups" });
    await user.clear(number);
    await user.type(number, "4");
    expect(await within(dialog).findByText(/^10 of 14 backups would go, 4 stay\./)).toBeInTheDocument();
    expect(fake.requests("snapshot.forget").every((request) => request.dryRun)).toBe(true);
    await user.click(within(dialog).getByRole("button", { name: "Remove 10 backups" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    expect(fake.requests("job.start")[0]).toEqual({
      command: "snapshot.forget",
      request: { source: "Orders", keep: { last: 4 }, dryRun: false, prune: false },
    });
    await fake.jobs.finish("job-1");
    expect(await within(dialog).findByText("10 backups were removed")).toBeInTheDocument();
  });

  it("lets the last complete backup go only after its name was typed", async () => {
    const source = findSource(fake.world, "Orders");
    source.points = source.points.slice(-1);
    const { user } = await open({ fake, at: "/sources/Orders" });
    await user.click(await page().findByRole("button", { name: /^More for the backup of/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete this backup…" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Delete this backup" }));
    expect(await within(dialog).findByText(/last complete backup of Orders there/)).toBeInTheDocument();
    expect(within(dialog).getByRole("button", { name: "Delete this backup" })).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox"), "Orders");
    await user.click(within(dialog).getByRole("button", { name: "Delete this backup" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.requests("snapshot.remove").map((request) => request.last)).toEqual([false, true]);
  });
});

describe("settings of a source", () => {
  it("rename it and stay on its page", async () => {
    const { user, where } = await open({ fake, at: "/sources/Orders?tab=settings" });
    const name = await page().findByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Team wiki");
    await user.click(page().getByRole("button", { name: "Rename" }));
    expect(await page().findByRole("alert")).toHaveTextContent("There is a source “Team wiki” already.");
    await user.clear(name);
    await user.type(name, "Shop orders");
    await user.click(page().getByRole("button", { name: "Rename" }));
    await waitFor(() => expect(where()).toBe("/sources/Shop%20orders?tab=settings"));
  });

  it("come from the connector, and are tested before they are kept", async () => {
    const { user } = await open({ fake, at: "/sources/Contracts?tab=settings" });
    const path = await page().findByRole("textbox", { name: /^Path/ });
    expect(path).toHaveValue("/home/mara/Contracts");
    const save = page().getByRole("button", { name: "Test and save" });
    expect(save).toBeDisabled();
    await user.click(page().getByRole("button", { name: "More settings" }));
    await user.click(page().getByRole("switch", { name: /Leave out caches/ }));
    await user.type(page().getByLabelText("Leave out", { selector: "input" }), "*.tmp{Enter}");
    await user.click(save);
    expect(await page().findByText("Saved.")).toBeInTheDocument();
    expect(fake.requests("source.change")).toEqual([
      { name: "Contracts", options: { path: "/home/mara/Contracts", "exclude-caches": true, exclude: ["*.tmp"] } },
    ]);
    expect(await axeFindings()).toEqual([]);
  });

  it("change where it goes", async () => {
    const { user } = await open({ fake, at: "/sources/Orders?tab=settings" });
    await user.click(await page().findByRole("checkbox", { name: /Archive 2024/ }));
    await user.click(page().getByRole("button", { name: "Save where it goes" }));
    await waitFor(() => expect(fake.requests("source.change")[0]?.vaults).toContain("Archive 2024"));
  });

  it("of an unknown kind can still be read about", async () => {
    findSource(fake.world, "Orders").row.kind = "teleporter";
    await open({ fake, at: "/sources/Orders?tab=settings" });
    expect(await page().findByText(/does not know sources of the kind “teleporter”/)).toBeInTheDocument();
  });

  it("spell out what removing means, and keep by default", async () => {
    const { user, where } = await open({ fake, at: "/sources/Orders?tab=settings" });
    await user.click(await page().findByRole("button", { name: "Remove this source…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove Orders?" });
    expect(dialog).toHaveTextContent("Its backups stay in Office NAS, Blue USB disk");
    expect(within(dialog).getByRole("button", { name: "Keep it" })).toHaveFocus();
    await user.click(within(dialog).getByRole("button", { name: "Remove this source" }));
    await waitFor(() => expect(where()).toBe("/sources"));
    expect(fake.world.sources.some((source) => source.row.name === "Orders")).toBe(false);
  });
});
