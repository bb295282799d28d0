/** The overview: the sentence, what needs a person, the facts, many sources, the sample. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertRow, Event, Message, PlansReply, RunPoint, SourceHealth, Verdict } from "../api";
import { apiError, Fake } from "../platform/fake";
import { trip } from "../platform/fake/guards";
import { unplan } from "../platform/fake/overviewPlans";
import { findSource } from "../platform/fake/sources";
import { vaultState } from "../platform/fake/vaults";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { keptSince } from "./state";

configure({ asyncUtilTimeout: 30_000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/OverviewView"), import("../views/WelcomeView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

/** Every newest run ends well. */
function heal() {
  for (const source of fake.world.sources) {
    const last = source.points.at(-1);
    if (last) {
      Object.assign(last, { verdict: "complete", gaps: 0, snapshot: "ab".repeat(32), vault: "Office NAS" });
      delete last.reason;
    }
    source.gaps = [];
  }
}

/** The window at an address, once its frame stands. */
async function open(settings: RenderSettings) {
  const drawn = renderApp(settings);
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));

describe("the overview", () => {
  it("says at once that everything is well, and the four facts", async () => {
    heal();
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Everything is backed up." })).toBeInTheDocument();
    // Field notes had none for three days, until last night.
    expect(
      page().getByText("All 7 sources have kept their promise since Thursday 19 November. Nothing needs you."),
    ).toBeInTheDocument();
    const term = await page().findByText("Most you could lose now");
    expect(term.parentElement).toHaveTextContent("10 h of Field notes");
    expect(page().getByText("Files missing from backups").parentElement).toHaveTextContent("0 of 16,261 files");
    await waitFor(() =>
      expect(page().getByText("Time to get it all back").parentElement).toHaveTextContent(
        /29 min without 2 never tried/,
      ),
    );
    expect(page().getByText("Runs on time").parentElement).toHaveTextContent(
      /^Runs on time9\d\.\d % of \d+ in 30 days$/,
    );
    expect(page().queryByRole("region", { name: "What needs you" })).toBeNull();
    expect(await axeFindings()).toEqual([]);
  });

  it("names what needs a person, the worst first, with cause and consequence", async () => {
    const { user, where } = await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Two sources need you." })).toBeInTheDocument();
    expect(page().getByText(/The other five are backed up\./)).toBeInTheDocument();
    const items = within(page().getByRole("region", { name: "What needs you" })).getAllByRole("listitem");
    expect(items[0]).toHaveTextContent("Field notes: no good backup for 3 days 1 h; promised every 1 day 1 h.");
    expect(items[0]).toHaveTextContent("permission denied");
    expect(items[0]).toHaveTextContent(/The backup of .* is complete\./);
    expect(items[1]).toHaveTextContent("Team wiki: saved, with 13 gaps.");
    expect(items[1]).toHaveTextContent("files/Hiring/interview-1.pdf and 12 more are missing.");
    expect(page().queryByText("Most you could lose now")).toBeNull();
    await user.click(within(items[1] as HTMLElement).getByRole("link", { name: "See the gaps" }));
    expect(where()).toBe("/sources/Team%20wiki");
  });

  it("tries a failed source again as a job, once", async () => {
    const { user } = await open({ fake });
    const list = await screen.findByRole("region", { name: "What needs you" });
    const item = within(list).getAllByRole("listitem")[0] as HTMLElement;
    await user.click(within(item).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(item).getByRole("button", { name: "Running" })).toBeDisabled());
    expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { sources: ["Field notes"] } }]);
  });

  it("backs up everything", async () => {
    heal();
    const { user } = await open({ fake });
    const button = await page().findByRole("button", { name: "Back up all" });
    await user.click(button);
    await waitFor(() => expect(button).toBeDisabled());
    expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { all: true } }]);
  });

  it("says why backups could not be started", async () => {
    heal();
    fake.fail("job.start", apiError("locked", "Another Backstay works here."), 1);
    const { user } = await open({ fake });
    await user.click(await page().findByRole("button", { name: "Back up all" }));
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("Another Backstay works here.");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(page().queryByRole("alert")).toBeNull());
    expect(fake.requests("job.start")).toHaveLength(2);
  });

  it("says that the first backup runs", async () => {
    fake.world.sources.splice(1);
    Object.assign(fake.world.sources[0]!, { points: [], gaps: [] });
    fake.world.sources[0]!.row.lastVerdict = null;
    fake.jobs.put({ request: { sources: ["Team wiki"], all: false } });
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Your first backup is running." })).toBeInTheDocument();
  });

  it("tells of a damaged vault before anything else", async () => {
    heal();
    const check = vaultState(fake.world, "Office NAS").checks[0]!;
    check.row.verdict = "failed";
    check.row.reason = ["damaged", "2 problems"];
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "One vault needs you." })).toBeInTheDocument();
    expect(page().getByText("Office NAS: some of it cannot be read.")).toBeInTheDocument();
    expect(page().getByRole("link", { name: "See the damage" })).toHaveAttribute("href", "/vaults/Office%20NAS");
  });

  it("begins with what a guard holds, and leads to the list and to the question", async () => {
    const hold = trip(fake.world, "Orders");
    const { user, where } = await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Three sources need you." })).toBeInTheDocument();
    expect(page().getByText(/The other four are backed up\./)).toBeInTheDocument();
    const item = within(page().getByRole("region", { name: "What needs you" })).getAllByRole("listitem")[0]!;
    await waitFor(() => expect(item).toHaveTextContent("Orders: 3,904 of 4,012 customers were deleted at the source."));
    expect(item).toHaveTextContent("Older backups of Orders are kept until you answer");
    expect(within(item).getByRole("link", { name: "This was intended…" })).toHaveAttribute(
      "href",
      `/sources/Orders?answer=${hold.id}`,
    );
    const row = page().getByRole("link", { name: "Orders" }).closest("tr");
    expect(row).toHaveTextContent("Held by guard");
    expect(row?.querySelectorAll("[data-knot=guard]")).toHaveLength(1);
    await user.click(within(item).getByRole("link", { name: "Review the deletions" }));
    expect(where()).toBe(`/sources/Orders?review=${hold.id}`);
  });

  it("says that a guard holds a source also when the alarm cannot be read", async () => {
    trip(fake.world, "Orders");
    fake.fail("hold.list", apiError("io", "disk"));
    await open({ fake });
    const list = await page().findByRole("region", { name: "What needs you" });
    expect(within(list).getByText("Orders is held by a guard.")).toBeInTheDocument();
    expect(within(list).getByRole("link", { name: "See what changed" })).toHaveAttribute("href", "/sources/Orders");
  });

  it("does not say that all is well while a drill failed or a plan fails too often", async () => {
    heal();
    const alarm = (event: Event, more: Partial<Message>): AlertRow => ({
      cause: `${event} ${more.source ?? more.plan}`,
      message: {
        event,
        title: "Half-hourly: 4 % of its runs failed",
        body: "A pack of Office NAS is damaged",
        time: NOW.toISOString(),
        host: "desk",
        gaps: 0,
        cause: event,
        ...more,
      },
      since: NOW.toISOString(),
      last: NOW.toISOString(),
      count: 1,
    });
    const alerts = [alarm("drillFailed", { source: "Orders" }), alarm("failureRate", { plan: "Half-hourly" })];
    // A state of a source says this one already.
    alerts.push(alarm("overdue", { source: "Billing" }));
    fake.handle({ "alert.list": () => ({ alerts }) });
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "One source needs you." })).toBeInTheDocument();
    expect(page().getByText(/The other six are backed up\./)).toBeInTheDocument();
    const items = within(page().getByRole("region", { name: "What needs you" })).getAllByRole("listitem");
    expect(items.map((item) => item.textContent)).toEqual([
      "Orders: the restore drill failed.A pack of Office NAS is damaged. The source itself was not touched.See the drill",
      "Half-hourly: 4 % of its runs failed.A pack of Office NAS is damaged.See the plan",
    ]);
    expect(within(items[0]!).getByRole("link", { name: "See the drill" })).toHaveAttribute(
      "href",
      "/sources/Orders?tab=drills",
    );
    expect(within(items[1]!).getByRole("link", { name: "See the plan" })).toHaveAttribute(
      "href",
      "/plans/Half-hourly?tab=proof",
    );
  });

  it("calls a source overdue that simply had no run, and offers one", async () => {
    heal();
    const source = findSource(fake.world, "Contracts");
    source.points = source.points.slice(0, -2);
    const { user } = await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "One source needs you." })).toBeInTheDocument();
    const item = within(page().getByRole("region", { name: "What needs you" })).getByRole("listitem");
    expect(within(item).getByRole("img", { name: "Overdue" })).toBeInTheDocument();
    expect(item).toHaveTextContent("Contracts: no good backup for 2 days 9 h; promised every 1 day 1 h.");
    expect(item).toHaveTextContent("Its last run was Wed 18 Nov");
    const row = page().getByRole("link", { name: "Contracts" }).closest("tr") as HTMLElement;
    expect(row.querySelectorAll("[data-line=slack]")).toHaveLength(1);
    expect(row).toHaveTextContent("Now");
    await user.click(within(item).getByRole("button", { name: "Back up now" }));
    await waitFor(() =>
      expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { sources: ["Contracts"] } }]),
    );
  });

  it("shows when each source is backed up next, with its ring", async () => {
    heal();
    unplan(fake.world, "Billing");
    await open({ fake });
    const row = (await page().findByRole("link", { name: "Harbour map" })).closest("tr") as HTMLElement;
    expect(within(row).getByRole("cell", { name: "Sat 04:41" })).toBeInTheDocument();
    expect(within(row).getByRole("img", { name: "next run: Sat 04:41" })).toBeInTheDocument();
    const unplanned = page().getByRole("link", { name: "Billing" }).closest("tr") as HTMLElement;
    expect(within(unplanned).getByRole("cell", { name: "by hand" })).toBeInTheDocument();
    expect(within(unplanned).queryByRole("img", { name: /next run/ })).toBeNull();
    // Without a promise of everybody there is none to have been kept.
    expect(page().getByText(/All 7 sources have a complete backup\./)).toBeInTheDocument();
  });

  it("groups many sources by state and folds the good ones", async () => {
    heal();
    const model = fake.world.sources[1]!;
    for (let n = 0; n < 293; n++) {
      const copy = structuredClone(model);
      copy.row.id += n;
      copy.row.name = `Copy ${n}`;
      fake.world.sources.push(copy);
    }
    const { user } = await open({ fake });
    // By text: roles and names of so many rows take long to compute.
    const fold = (await page().findByText("300")).closest("button") as HTMLElement;
    expect(fold).toHaveAccessibleName("Complete 300");
    expect(fold).toHaveAttribute("aria-expanded", "false");
    expect(page().queryByText("Copy 1")).toBeNull();
    await user.click(fold);
    expect(page().getByText("Copy 1")).toBeInTheDocument();
    expect(page().queryByText("Copy 292")).toBeNull();
    expect(page().getByText("Show 240 more")).toBeInTheDocument();
  });

  it("leaves the stays out of narrow windows", async () => {
    await open({ fake, width: 600 });
    await screen.findByRole("heading", { level: 1, name: "Two sources need you." });
    expect(page().queryByRole("group", { name: "Backups of Orders" })).toBeNull();
    expect(page().getByRole("link", { name: "Orders" })).toBeInTheDocument();
  });

  it("moves between rows with arrow keys", async () => {
    const { user } = await open({ fake });
    const first = await page().findByRole("link", { name: "Billing" });
    first.focus();
    await user.keyboard("{ArrowDown}");
    expect(page().getByRole("link", { name: "Contracts" })).toHaveFocus();
    await user.keyboard("{End}");
    expect(page().getByRole("link", { name: "Team wiki" })).toHaveFocus();
  });

  it("shows what went wrong where it went wrong, and tries again", async () => {
    fake.fail("overview", apiError("unreachable", "The state directory did not answer."));
    const { user } = await open({ fake });
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("The state directory did not answer.");
    fake.mend("overview");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Two sources need you." })).toBeInTheDocument();
  });

  it("is the first run while there is nothing", async () => {
    const { where } = await open({ fake: new Fake({ now: NOW, tick: 0, empty: true }) });
    expect(
      await screen.findByRole("heading", { level: 1, name: "Back up what lives in your apps." }),
    ).toBeInTheDocument();
    expect(where()).toBe("/welcome");
  });

  it("speaks German", async () => {
    fake.world.settings.language = "de";
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Zwei Quellen brauchen Sie." })).toBeInTheDocument();
  });
});

describe("plans on the overview", () => {
  /** Plans as the fake has them, but for some members. */
  async function plans(change: (reply: PlansReply) => PlansReply) {
    const reply = (await fake.answer("plan.list", {})) as PlansReply;
    fake.handle({ "plan.list": () => change(structuredClone(reply)) });
  }
  const at = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000).toISOString();

  it("say what comes today, once for each, and what waits and for what", async () => {
    heal();
    await plans((reply) => ({
      ...reply,
      plans: reply.plans.slice(0, 2).map((plan, index) => ({
        ...plan,
        name: index ? "Nightly" : "Every hour",
        sources: index ? ["Billing"] : ["Orders", "Contracts"],
        enabled: true,
        next: index ? [at(20)] : [at(1), at(2), at(3)],
        nextUpkeep: index ? [{ task: "sample", at: at(4) }] : [],
        waiting: index ? [{ task: "backup", due: at(-1), reason: "battery", ask: false }] : [],
      })),
    }));
    await open({ fake });
    const block = await page().findByRole("region", { name: "Coming up today" });
    const rows = within(block).getAllByRole("listitem");
    expect(rows.map((row) => row.textContent)).toEqual([
      "Billingwaits: on battery",
      "10:41Orders and 1 moreEvery hour",
      "13:41Reading a share of the vaultsNightly",
    ]);
    expect(within(rows[0]!).getByRole("img", { name: "Waits" })).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("say when the next thing comes where nothing comes today", async () => {
    heal();
    await plans((reply) => ({
      ...reply,
      plans: reply.plans
        .slice(0, 1)
        .map((plan) => ({ ...plan, sources: ["Billing"], enabled: true, next: [at(20)], nextUpkeep: [], waiting: [] })),
    }));
    await open({ fake });
    const block = await page().findByRole("region", { name: "Coming up today" });
    expect(block).toHaveTextContent("Nothing more today. Next: Billing, Sat 21 Nov, 05:41.");
  });

  it("name sources that are in none, quietly", async () => {
    heal();
    await plans((reply) => ({ ...reply, unplanned: ["Contracts", "Billing"] }));
    await open({ fake });
    expect(await page().findByText("2 sources are in no plan: they are backed up only by hand.")).toBeInTheDocument();
    expect(page().getByRole("link", { name: "Put into a plan" })).toHaveAttribute("href", "/plans");
  });

  it("stand still while nobody looks at the clock", async () => {
    heal();
    fake.handle({
      "agent.status": () => ({
        running: false,
        here: false,
        alive: at(-30),
        installed: false,
        enabled: false,
        watcher: { installed: false },
        notes: [],
      }),
    });
    await open({ fake });
    const note = await page().findByText("Backstay is not watching.");
    expect(note.parentElement).toHaveTextContent("Backups start when it runs again. Last seen 1 day 6 h ago.");
  });
});

describe("the promise kept since", () => {
  const run = (hoursAgo: number, verdict: Verdict = "complete"): RunPoint => ({
    run: `r${hoursAgo}`,
    time: new Date(NOW.getTime() - hoursAgo * 3_600_000).toISOString(),
    verdict,
    bytes: 0,
    stored: 0,
    gaps: 0,
  });
  const health = (points: RunPoint[], more: Partial<SourceHealth> = {}) =>
    ({ points, lastGood: points.at(-1), promiseMinutes: 420, overdue: false, held: 0, ...more }) as SourceHealth;

  it("begins with the first run known, or with the last one that came too late", () => {
    const good = health([run(18), run(12), run(6)]);
    expect(keptSince([good], NOW)).toEqual(new Date(NOW.getTime() - 18 * 3_600_000));
    const late = health([run(40), run(30), run(24), run(18), run(12), run(6)]);
    expect(keptSince([good, late], NOW)).toEqual(new Date(NOW.getTime() - 30 * 3_600_000));
  });

  it("does not count partial runs", () => {
    const points = [run(18), run(12, "partial"), run(6)];
    expect(keptSince([health(points)], NOW)).toEqual(new Date(NOW.getTime() - 6 * 3_600_000));
  });

  it("is not said where one source makes no promise, or breaks it", () => {
    const good = health([run(6)]);
    expect(keptSince([good, health([run(6)], { promiseMinutes: null })], NOW)).toBeUndefined();
    expect(keptSince([good, health([run(60)], { overdue: true })], NOW)).toBeUndefined();
    expect(keptSince([], NOW)).toBeUndefined();
  });
});

describe("the sample", () => {
  it("can be broken, and is removed only after a question", async () => {
    await fake.answer("sample.create", {});
    const { user } = await open({ fake });
    await user.click(await page().findByRole("button", { name: "Break something" }));
    expect(await page().findByText(/12 tasks of “Harbour festival” were deleted/)).toBeInTheDocument();
    expect(page().getAllByText("Sample").length).toBe(2);
    await user.click(page().getByRole("button", { name: "Remove the sample…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove the sample workspace?" });
    expect(within(dialog).getByRole("button", { name: "Keep it" })).toHaveFocus();
    expect(fake.requests("sample.remove")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Remove the sample" }));
    await waitFor(() => expect(page().queryByRole("link", { name: "Sample workspace" })).toBeNull());
    expect(page().getByRole("link", { name: "Orders" })).toBeInTheDocument();
  });
});
