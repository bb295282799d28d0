/** Activity: jobs, runs by day with their filters, the page of a run, the audit trail. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertRow, AuditRow, Gap, PlanRow, RunRow } from "../api";
import { apiError, Fake } from "../platform/fake";
import { otherRuns } from "../platform/fake/activity";
import { channelsOf } from "../platform/fake/channels";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { type AuditChoice, bounds, everything, passes } from "./auditFilter";
import { parts } from "./GapsTable";
import { exitCode, quoted, sameCommand } from "./terminal";

// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/ActivityView"), import("../views/RunView"), import("../views/AuditView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open(settings: RenderSettings) {
  const drawn = renderApp({ fake, ...settings });
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const runLinks = () =>
  page()
    .queryAllByRole("link")
    .filter((link) => link.hasAttribute("data-row"));

/** An entry of the audit trail. */
const entry = (seq: number): AuditRow => ({
  seq,
  time: NOW.toISOString(),
  actor: "mara",
  program: "test",
  action: "backup",
  object: "Orders",
  detail: {},
  previous: "0".repeat(64),
  hash: String(seq).padStart(64, "0"),
});

/** The newest run of a source. */
function newest(source: string) {
  const point = fake.world.sources.find((one) => one.row.name === source)?.points.at(-1);
  if (!point) {
    throw new Error(`no run of ${source}`);
  }
  return point;
}

describe("the list of runs", () => {
  it("shows them by day with kind, source, verdict, reason, what was stored and how long it took", async () => {
    await open({ at: "/activity" });
    const row = (await page().findAllByRole("row", { name: /Team wiki/ }))[0] as HTMLElement;
    for (const words of ["Backup", "Office NAS", "Partial", "13 gaps"]) {
      expect(within(row).getByText(words)).toBeInTheDocument();
    }
    expect(page().getByText("Today")).toBeInTheDocument();
    expect(page().getByText("Yesterday")).toBeInTheDocument();
    expect(page().getAllByText(/permission denied/).length).toBeGreaterThan(0);
    expect(await axeFindings()).toEqual([]);
  });

  it("asks the engine for one kind, one state, one source, and keeps that in the address", async () => {
    const { user, where } = await open({ at: "/activity?kind=backup&state=failed" });
    await waitFor(() => expect(runLinks().map((link) => link.textContent)).toContain("Field notes"));
    expect(fake.requests("run.list").at(-1)).toMatchObject({ kind: "backup", verdict: "failed" });
    expect(runLinks().every((link) => ["Field notes", "Billing"].includes(link.textContent ?? ""))).toBe(true);
    await user.click(page().getByRole("combobox", { name: "Source" }));
    await user.click(await screen.findByRole("option", { name: "Billing" }));
    await waitFor(() => expect(runLinks().map((link) => link.textContent)).toEqual(["Billing"]));
    expect(where()).toBe("/activity?kind=backup&state=failed&source=Billing");
  });

  it("finds words, and says so when none fits", async () => {
    const { user } = await open({ at: "/activity" });
    await page().findAllByText("Complete");
    await user.type(page().getByRole("searchbox", { name: "Find a run" }), "freeing office");
    await waitFor(() => expect(runLinks().map((link) => link.textContent)).toEqual(["Office NAS"]));
    await user.clear(page().getByRole("searchbox", { name: "Find a run" }));
    await user.type(page().getByRole("searchbox", { name: "Find a run" }), "zebra");
    expect(await page().findByRole("heading", { name: "No run fits" })).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Show all runs" }));
    await waitFor(() => expect(runLinks().length).toBeGreaterThan(20));
  });

  it("shows the plan of each, and asks the engine for one plan", async () => {
    fake.handle({ "plan.list": () => ({ plans: [{ name: "Nightly" }] as PlanRow[], unplanned: [], zone: "UTC" }) });
    const { user, where } = await open({ at: "/activity" });
    expect((await page().findAllByRole("cell", { name: "Every 6 hours" })).length).toBeGreaterThan(5);
    await user.click(await page().findByRole("combobox", { name: "Plan" }));
    await user.click(await screen.findByRole("option", { name: "Nightly" }));
    await waitFor(() => expect(fake.requests("run.list").at(-1)).toMatchObject({ plan: "Nightly" }));
    await waitFor(() =>
      expect(new Set(runLinks().map((link) => link.textContent))).toEqual(new Set(["Harbour map", "Contracts"])),
    );
    expect(where()).toBe("/activity?plan=Nightly");
  });

  it("has no column and no filter for plans while there are none", async () => {
    const runs = otherRuns(fake.world);
    fake.handle({
      "plan.list": () => ({ plans: [], unplanned: [], zone: "UTC" }),
      "run.list": () => ({ runs }),
    });
    await open({ at: "/activity" });
    await waitFor(() => expect(runLinks()).toHaveLength(runs.length));
    expect(page().queryByRole("columnheader", { name: "Plan" })).toBeNull();
    expect(page().queryByRole("combobox", { name: "Plan" })).toBeNull();
  });

  it("reads older ones on request", async () => {
    const many: RunRow[] = Array.from({ length: 260 }, (_, at) => ({
      id: `run-${at}`,
      kind: "backup",
      source: "Orders",
      started: new Date(NOW.getTime() - at * 3_600_000).toISOString(),
      finished: new Date(NOW.getTime() - at * 3_600_000 + 5000).toISOString(),
      verdict: "complete",
      canUndo: false,
      canResume: false,
    }));
    fake.handle({ "run.list": ({ limit }) => ({ runs: many.slice(0, limit) }) });
    const { user } = await open({ at: "/activity" });
    await waitFor(() => expect(runLinks()).toHaveLength(100));
    await user.click(page().getByRole("button", { name: "Show older runs" }));
    await waitFor(() => expect(runLinks()).toHaveLength(200));
    await user.click(page().getByRole("button", { name: "Show older runs" }));
    await waitFor(() => expect(runLinks()).toHaveLength(260));
    expect(page().queryByRole("button", { name: "Show older runs" })).toBeNull();
  });

  it("is empty before anything ran, and shows an error with a way to try again", async () => {
    fake = new Fake({ now: NOW, tick: 0, empty: true });
    const first = await open({ at: "/activity" });
    expect(await page().findByRole("heading", { name: "Nothing has run yet" })).toBeInTheDocument();
    first.unmount();
    fake.fail("run.list", apiError("io", "state.db could not be read"));
    const { user } = await open({ at: "/activity" });
    expect(await page().findByText("state.db could not be read")).toBeInTheDocument();
    fake.mend("run.list");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("heading", { name: "Nothing has run yet" })).toBeInTheDocument();
  });
});

describe("running now", () => {
  it("shows every job: what runs, what waits and for what, and cancels both", async () => {
    const running = fake.jobs.put({
      progress: { stage: "reading", current: "invoices", items: 14, itemsTotal: 27, bytes: 61e6, bytesTotal: null },
      bytesPerSecond: 4.6e6,
      secondsLeft: 120,
    });
    const waiting = fake.jobs.put({ state: "waiting", waitingFor: "job", request: { sources: ["Product ops"] } });
    const { user } = await open({ at: "/activity" });
    const job = await page().findByRole("region", { name: "Backing up: Billing" });
    for (const words of ["Reading", "14 of 27", "61 MB", "4.6 MB/s", "2 min left"]) {
      expect(within(job).getByText(words)).toBeInTheDocument();
    }
    const next = page().getByRole("group", { name: "Backing up: Product ops" });
    expect(within(next).getByText("Waits for another job")).toBeInTheDocument();
    await user.click(within(next).getByRole("button", { name: "Cancel" }));
    await user.click(within(job).getByRole("button", { name: "Cancel…" }));
    await user.click(await screen.findByRole("button", { name: "Cancel this backup" }));
    await waitFor(() => expect(fake.requests("job.cancel")).toEqual([{ job: waiting.id }, { job: running.id }]));
  });

  it("keeps what never became a run in sight until it is dismissed", async () => {
    fake.jobs.put({ state: "done", error: apiError("notFound", "there is no vault “NAS”"), verdict: "failed" });
    const { user } = await open({ at: "/activity" });
    expect(await page().findByText("Backing up: Billing did not start.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Dismiss: Backing up: Billing" }));
    await waitFor(() => expect(page().queryByText("Running now")).toBeNull());
  });

  it("pauses, says until when, and goes on", async () => {
    const { user } = await open({ at: "/activity" });
    await user.click(await page().findByRole("button", { name: "Pause" }));
    await user.click(await screen.findByRole("menuitem", { name: "For 1 hour" }));
    expect(await page().findByText("Paused until today 10:41")).toBeInTheDocument();
    // The plans of every process stand still as well, not only what waits here.
    expect(fake.requests("plan.pause").at(-1)).toEqual(fake.requests("job.pause").at(-1));
    await user.click(page().getByRole("button", { name: "Resume now" }));
    await waitFor(() => expect(page().queryByText(/Paused until/)).toBeNull());
    expect(fake.requests("job.pause").at(-1)).toEqual({ until: null });
    expect(fake.requests("plan.pause").at(-1)).toEqual({ until: null });
    // The tray pauses meanwhile; coming back to the window shows it.
    await fake.answer("job.pause", { until: new Date(NOW.getTime() + 7_200_000).toISOString() });
    window.dispatchEvent(new Event("focus"));
    expect(await page().findByText("Paused until today 11:41")).toBeInTheDocument();
  });
});

describe("jobs of plans", () => {
  it("are called by their plan and what is done, and only a backup is asked about", async () => {
    fake.jobs.put({ command: "plan.run", request: { plan: "Nightly" } });
    fake.jobs.put({ command: "plan.run", request: { plan: "Weekly", task: "drillOne" } });
    fake.jobs.put({ command: "drill.run", request: { source: "Billing" } });
    const { user } = await open({ at: "/activity" });
    const backup = await page().findByRole("region", { name: "Plan “Nightly”: backup" });
    const drill = page().getByRole("region", { name: "Plan “Weekly”: small restore drill" });
    expect(page().getByRole("region", { name: "Trying a restore: Billing" })).toBeInTheDocument();
    // The chip of the side bar has the whole name as well.
    expect(screen.getAllByText("Plan “Nightly”: backup").length).toBeGreaterThan(1);
    await user.click(within(drill).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(fake.requests("job.cancel")).toHaveLength(1));
    await user.click(within(backup).getByRole("button", { name: "Cancel…" }));
    expect(await screen.findByRole("dialog", { name: "Cancel Plan “Nightly”: backup?" })).toBeInTheDocument();
  });
});

describe("open alarms", () => {
  it("stand first, the worst at the top, and lead to what they are about", async () => {
    const here = channelsOf(fake.world);
    const [failed] = here.alerts as [AlertRow];
    here.alerts.push({
      ...failed,
      cause: "guard/1",
      count: 1,
      message: { ...failed.message, event: "guard", title: "Orders: held by a guard", source: "Orders", run: "r1" },
    });
    await open({ at: "/activity" });
    const list = await page().findByRole("region", { name: "Needs you" });
    const rows = within(list).getAllByRole("listitem");
    expect(rows.map((row) => within(row).getByRole("link").getAttribute("href"))).toEqual([
      "/activity/runs/r1",
      "/sources/Field%20notes",
    ]);
    expect(within(rows[0] as HTMLElement).getByRole("img", { name: "Held by guard" })).toBeInTheDocument();
    expect(rows[1]).toHaveTextContent("since today 08:30 · 3 times · plan “Half-hourly”");
  });

  it("are not there when all is well", async () => {
    channelsOf(fake.world).alerts = [];
    await open({ at: "/activity" });
    await page().findAllByText("Complete");
    expect(page().queryByText("Needs you")).toBeNull();
  });
});

describe("the page of a run", () => {
  it("says what a partial backup is good for, and lists the gaps to filter and copy", async () => {
    const { user } = await open({ at: `/activity/runs/${newest("Team wiki").run}` });
    expect(await page().findByText("This backup is good to use, with 13 things missing.")).toBeInTheDocument();
    const gaps = page().getByRole("table", { name: "What is missing: 13 things" });
    expect(within(gaps).getAllByRole("row")).toHaveLength(14);
    expect(within(gaps).getAllByText("It could not be read or written")).toHaveLength(13);
    expect(within(gaps).getAllByText("files/Hiring")).toHaveLength(13);
    await user.type(page().getByRole("searchbox", { name: "Find in the list" }), "interview-12");
    expect(within(gaps).getAllByRole("row")).toHaveLength(2);
    await user.click(page().getByRole("button", { name: "Copy the list" }));
    expect(await navigator.clipboard.readText()).toBe(
      "files/Hiring/interview-12.pdf\tio\tThe file could not be opened: permission denied.",
    );
    expect(page().getByText(/backstay backup 'Team wiki' --vault 'Office NAS'/)).toHaveTextContent(
      "# ended with code 3 (partial)",
    );
    for (const name of ["Browse", "Restore…"]) {
      expect(page().getByRole("link", { name })).toBeInTheDocument();
    }
    expect(await axeFindings()).toEqual([]);
  });

  it("tries the gaps again in the same vault", async () => {
    const { user, where } = await open({ at: `/activity/runs/${newest("Team wiki").run}` });
    await user.click(await page().findByRole("button", { name: "Try the gaps again" }));
    await waitFor(() => expect(where()).toBe("/activity"));
    expect(fake.requests("job.start").at(-1)).toEqual({
      command: "backup",
      request: { sources: ["Team wiki"], vaults: ["Office NAS"] },
    });
  });

  it("names the newest good backup when a backup failed", async () => {
    await open({ at: `/activity/runs/${newest("Field notes").run}` });
    expect(await page().findByText("Nothing new was saved.")).toBeInTheDocument();
    expect(page().getByText(/permission denied/)).toBeInTheDocument();
    expect(await page().findByText(/The newest complete backup is of/)).toBeInTheDocument();
    expect(page().getByRole("link", { name: "Browse it" })).toHaveAttribute(
      "href",
      expect.stringContaining("/snapshots/Office%20NAS/"),
    );
    expect(page().queryByRole("link", { name: "Restore…" })).toBeNull();
  });

  it("undoes a restore after asking, and goes on with one that stopped", async () => {
    const [undoable] = otherRuns(fake.world).filter((run) => run.canUndo);
    const { user, where, unmount } = await open({ at: `/activity/runs/${undoable?.id}` });
    await user.click(await page().findByRole("button", { name: "Undo…" }));
    const dialog = await screen.findByRole("dialog", { name: "Undo the restore of Team wiki?" });
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Leave it as it is" })).toHaveFocus());
    await user.click(within(dialog).getByRole("button", { name: "Undo this restore" }));
    await waitFor(() => expect(where()).toMatch(/^\/restore\/job\//));
    expect(fake.requests("job.start").at(-1)).toEqual({
      command: "restore.undo",
      request: { run: undoable?.id, policy: "skip" },
    });
    unmount();
    const [stopped] = otherRuns(fake.world).filter((run) => run.canResume);
    const second = await open({ at: `/activity/runs/${stopped?.id}` });
    expect(await page().findByText("This restore stopped before its end.")).toBeInTheDocument();
    await second.user.click(page().getByRole("button", { name: "Continue" }));
    await waitFor(() => expect(second.where()).toMatch(/^\/restore\/job\//));
  });

  it("shows why trying again did not work, and that a run is gone", async () => {
    fake.fail("job.start", apiError("locked", "another Backstay holds the vault"));
    const { user, unmount } = await open({ at: `/activity/runs/${newest("Field notes").run}` });
    await user.click(await page().findByRole("button", { name: "Try again" }));
    expect(await page().findByText("another Backstay holds the vault")).toBeInTheDocument();
    unmount();
    await open({ at: "/activity/runs/ffff" });
    expect(await page().findByText("There is no run “ffff”.")).toBeInTheDocument();
  });

  it("shows long lists in parts and says when not all are listed", async () => {
    const run = otherRuns(fake.world)[0] as RunRow;
    const gaps: Gap[] = Array.from({ length: 3000 }, (_, at) => ({
      subject: `${"very/long/".repeat(20)}name-${at}`,
      kind: "auth",
      message: "permission denied",
    }));
    const detail = {
      run: { ...run, verdict: "partial" as const, gaps: 12_345 },
      items: 1,
      bytes: 1,
      storedBytes: 0,
      gaps,
    };
    fake.handle({ "run.list": () => ({ runs: [run], detail: { ...detail, events: [] } }) });
    const { user } = await open({ at: "/activity/runs/x" });
    expect(await page().findByText("3,000 of 12,345 are listed here.")).toBeInTheDocument();
    const table = page().getByRole("table", { name: "What is missing: 12,345 things" });
    expect(within(table).getAllByRole("row")).toHaveLength(26);
    await user.click(page().getByRole("button", { name: "Show 2,975 more" }));
    expect(within(table).getAllByRole("row")).toHaveLength(1026);
  });
});

describe("the audit trail", () => {
  it("says that it is whole and since when, and shows the newest entry first", async () => {
    await open({ at: "/activity/audit" });
    expect(await page().findByText(/18,204 entries, unbroken since/)).toBeInTheDocument();
    expect(page().getByText(/1,704 backups confirm it/)).toBeInTheDocument();
    await waitFor(() => expect(fake.requests("audit.list")).toContainEqual({ after: 18_204 - 200, limit: 200 }));
    expect(await axeFindings()).toEqual([]);
  });

  it("names the first bad entry and what it means", async () => {
    fake.handle({
      "audit.verify": () => ({
        intact: false,
        entries: 18_204,
        head: "",
        confirmedBySnapshots: 0,
        broken: { kind: "cut", entry: 1703 },
        problems: ["it ends at entry 1702, but entry 1703 is known to have existed"],
      }),
    });
    await open({ at: "/activity/audit" });
    const alert = await page().findByRole("alert");
    expect(within(alert).getByText("The audit trail is broken at entry 1,703.")).toBeInTheDocument();
    expect(within(alert).getByText(/were cut off. A backup proves/)).toBeInTheDocument();
    expect(within(alert).getByRole("button", { name: "Show the place" })).toBeEnabled();
    expect(page().getByRole("button", { name: "Export…" })).toBeEnabled();
  });

  it("verifies again on request, and tells when that is not possible", async () => {
    fake.fail("audit.verify", apiError("io", "state.db could not be read"), 1);
    const { user } = await open({ at: "/activity/audit" });
    expect(await page().findByText("The audit trail could not be checked.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Verify now" }));
    expect(await page().findByText(/unbroken since/)).toBeInTheDocument();
  });

  it("finds entries by words through the whole trail", async () => {
    const { user } = await open({ at: "/activity/audit" });
    const field = await page().findByRole("searchbox", { name: "Find in the audit trail" });
    // Pasted: on a busy machine every typed letter would be looked for.
    await user.click(field);
    await user.paste("blue usb");
    // Nineteen pages are read one after the other.
    const line = await page().findByText(/^[\d,]+ entries found$/, {}, { timeout: 20_000 });
    expect(line).toBeInTheDocument();
    await user.clear(field);
    await user.paste("zebra");
    expect(await page().findByRole("heading", { name: "No entry fits" })).toBeInTheDocument();
    expect(page().getByText("All 18,204 entries were looked at.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Show all entries" }));
    expect(field).toHaveValue("");
    expect(page().queryByRole("heading", { name: "No entry fits" })).toBeNull();
  });

  it("finds entries by who, what and when", async () => {
    const { user } = await open({ at: "/activity/audit" });
    const choose = async (name: string, option: string) => {
      await user.click(await page().findByRole("combobox", { name }));
      await user.click(await screen.findByRole("option", { name: option }));
    };
    const found = async () => {
      const line = await page().findByText(/^[\d,]+ (entry|entries) found$/, {}, { timeout: 20_000 });
      return Number(line.textContent?.replace(/[^\d]/g, ""));
    };
    await choose("When", "From … to …");
    await user.click(page().getByRole("button", { name: "From which day to which" }));
    await user.click(await screen.findByRole("button", { name: "18 November 2026" }));
    await user.click(screen.getByRole("button", { name: "19 November 2026" }));
    // Two days, an entry every 21 minutes.
    await waitFor(async () => expect(Math.abs((await found()) - 137)).toBeLessThan(3));
    await choose("Who", "jonas");
    await waitFor(async () => expect(await found()).toBeLessThan(40));
    // The engine was asked for these alone, not for the whole trail.
    expect(fake.requests("audit.list").at(-1)).toEqual({
      actor: "jonas",
      since: new Date("2026-11-18T00:00:00").toISOString(),
      until: new Date("2026-11-20T00:00:00").toISOString(),
      before: 18_205,
      limit: 1000,
    });
    await choose("What was done", "Sample");
    expect(await page().findByRole("heading", { name: "No entry fits" })).toBeInTheDocument();
  });

  it("offers new entries instead of moving under the reader", async () => {
    let total = 300;
    const made = Array.from({ length: 310 }, (_, at) => entry(at + 1));
    fake.handle({
      "audit.list": ({ after = 0, limit = 100 }) => ({
        total,
        entries: made.slice(after, Math.min(after + limit, total)),
      }),
    });
    const { user } = await open({ at: "/activity/audit" });
    await waitFor(() => expect(fake.requests("audit.list")).toContainEqual({ after: 100, limit: 200 }));
    total = 302;
    fake.emit("stale", { topics: ["audit"] });
    const offer = await page().findByRole("button", { name: "Show 2 new entries" });
    expect(fake.requests("audit.list")).not.toContainEqual({ after: 102, limit: 200 });
    await user.click(offer);
    await waitFor(() => expect(fake.requests("audit.list")).toContainEqual({ after: 102, limit: 200 }));
    expect(page().queryByRole("button", { name: /new entries/ })).toBeNull();
  });

  it("is written into a file", async () => {
    const { user } = await open({ at: "/activity/audit" });
    await user.click(await page().findByRole("button", { name: "Export…" }));
    expect(await page().findByText("The audit trail was written, one entry a line.")).toBeInTheDocument();
    expect(fake.requests("audit.export")).toEqual([{ path: "/home/mara/saved" }]);
    fake.fail("audit.export", apiError("full", "no space left"));
    await user.click(page().getByRole("button", { name: "Export…" }));
    expect(await page().findByText("The audit trail was not written.")).toBeInTheDocument();
  });

  it("is empty on a new computer", async () => {
    fake = new Fake({ now: NOW, tick: 0, empty: true });
    await open({ at: "/activity/audit" });
    expect(await page().findByRole("heading", { name: "Nothing is written down yet" })).toBeInTheDocument();
  });
});

describe("the choice of entries", () => {
  const said = () => "Changed a plan";
  const fits = (choice: Partial<AuditChoice>, row: Partial<AuditRow> = {}) =>
    passes({ ...everything, ...choice }, NOW, said)({ ...entry(1), ...row });

  it("is by words in any part, by the very person, by groups of actions", () => {
    expect(fits({ text: "orders CHANGED" })).toBe(true);
    expect(fits({ text: "orders zebra" })).toBe(false);
    expect(fits({ text: "office nas" }, { detail: { vault: "Office NAS" } })).toBe(true);
    expect(fits({ who: "mara" })).toBe(true);
    expect(fits({ who: "mar" })).toBe(false);
    expect(fits({ group: "plans" }, { action: "plan.pause" })).toBe(true);
    expect(fits({ group: "plans" }, { action: "planet.seen" })).toBe(false);
    expect(fits({ group: "runs" }, { action: "backup" })).toBe(true);
    expect(fits({ group: "guards" }, { action: "snapshot.pin" })).toBe(true);
    expect(fits({ group: "guards" }, { action: "snapshot.remove" })).toBe(false);
    expect(fits({ group: "restores" }, { action: "backup" })).toBe(false);
  });

  it("is by whole days of this computer, the last one included", () => {
    const at = (time: string) => ({ time: new Date(time).toISOString() });
    expect(fits({ time: "today" }, at("2026-11-20T00:00:00"))).toBe(true);
    expect(fits({ time: "today" }, at("2026-11-19T23:59:59"))).toBe(false);
    expect(fits({ time: "week" }, at("2026-11-14T00:00:00"))).toBe(true);
    expect(fits({ time: "week" }, at("2026-11-13T23:59:59"))).toBe(false);
    const own = { time: "own", from: "2026-10-24", to: "2026-10-25" } as const;
    // On 25 October the clock goes back: that day has 25 hours in many zones, and all of them count.
    expect(fits(own, at("2026-10-25T23:59:59.999"))).toBe(true);
    expect(fits(own, at("2026-10-26T00:00:00"))).toBe(false);
    expect(fits(own, at("2026-10-23T23:59:59"))).toBe(false);
    expect(bounds({ ...everything, time: "own" }, NOW)).toEqual({ since: -Infinity, until: Infinity });
  });
});

describe("the same from a terminal", () => {
  const run: RunRow = { id: "1", kind: "backup", source: "x", started: "", canUndo: false, canResume: false };
  it("quotes for the shell, and has the codes of the command line", () => {
    expect(quoted("plain-1.0/x")).toBe("plain-1.0/x");
    expect(quoted("Mara's notes; rm -rf $HOME")).toBe(`'Mara'\\''s notes; rm -rf $HOME'`);
    expect(sameCommand({ ...run, kind: "check", source: null, vault: "Office NAS" })).toBe(
      "backstay verify 'Office NAS'",
    );
    expect(sameCommand({ ...run, kind: "restore" })).toBeUndefined();
    expect(exitCode({ ...run, verdict: "complete" })).toBe(0);
    expect(exitCode({ ...run, verdict: "failed", reason: ["damaged", ""] })).toBe(8);
    expect(exitCode({ ...run, verdict: "failed", reason: ["unreachable", ""] })).toBe(1);
    expect(exitCode(run)).toBeUndefined();
  });

  it("splits what is missing into name and place", () => {
    expect(parts("files/a/b.txt")).toEqual({ what: "b.txt", where: "files/a" });
    expect(parts("orders")).toEqual({ what: "orders", where: "" });
    expect(parts("files/folder/")).toEqual({ what: "folder/", where: "files" });
  });
});
