/** Plans: list, one plan's tabs, what is changed and saved, pausing, the calendar, the proof, a new plan. */
import { act, configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { forcePlan } from "../platform/fake/plans";
import { addSeed, planSeeds } from "../platform/fake/plansData";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";

configure({ asyncUtilTimeout: 8000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/PlansView"), import("../views/PlanView"), import("../views/PlanAddView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open(at: string, settings: RenderSettings = {}) {
  const drawn = renderApp({ fake, at, ...settings });
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const tab = (name: string) => page().findByRole("tab", { name });
const saved = () => fake.requests("plan.set").at(-1);

describe("the list of plans", () => {
  it("goes to the first plan and names each with its state", async () => {
    const { where } = await open("/plans");
    expect(await page().findByRole("heading", { name: "Every 6 hours" })).toBeInTheDocument();
    expect(where()).toBe("/plans/Every%206%20hours");
    const list = page().getByRole("navigation", { name: "Plans" });
    expect(within(list).getAllByRole("link")).toHaveLength(5);
    expect(within(list).getByRole("img", { name: "Field notes overdue" })).toBeInTheDocument();
    expect(within(list).getByRole("link", { name: /Every 6 hours/ })).toHaveAttribute("aria-current", "page");
    expect(page().getByText("Team wiki → Office NAS, Blue USB disk")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("is empty with a way on", async () => {
    fake = new Fake({ now: NOW, tick: 0, empty: true });
    await open("/plans");
    expect(await page().findByText("No plan yet")).toBeInTheDocument();
    expect(page().getByText(/Backups run only when you press the button\./)).toBeInTheDocument();
    expect(page().getByRole("link", { name: "Make a plan" })).toHaveAttribute("href", "/plans/add");
  });

  it("that cannot be read says so, and can be tried again", async () => {
    fake.fail("plan.list", apiError("locked", "Another Backstay holds the state."));
    const { user } = await open("/plans");
    expect(await page().findByText("Another Backstay holds the state.")).toBeInTheDocument();
    fake.mend("plan.list");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("heading", { name: "Every 6 hours" })).toBeInTheDocument();
  });

  it("of three hundred is filtered with the keyboard", async () => {
    for (let number = 0; number < 295; number++) {
      addSeed(fake.world, 500 + number, `Plan ${String(number).padStart(3, "0")}`);
    }
    const { user, where } = await open("/plans/Nightly");
    const list = await page().findByRole("navigation", { name: "Plans" });
    expect(within(list).getAllByRole("link")).toHaveLength(300);
    await user.keyboard("/");
    expect(page().getByRole("textbox", { name: "Filter plans" })).toHaveFocus();
    await user.keyboard("plan 29");
    expect(within(list).getAllByRole("link")).toHaveLength(5);
    await user.click(within(list).getByRole("link", { name: /Plan 291/ }));
    expect(where()).toBe("/plans/Plan%20291");
    await user.clear(page().getByRole("textbox", { name: "Filter plans" }));
    await user.type(page().getByRole("textbox", { name: "Filter plans" }), "no such plan");
    expect(page().getByText("No plan with these words")).toBeInTheDocument();
  });

  it("says when a plan is gone", async () => {
    await open("/plans/Elsewhere");
    expect(await page().findByText("There is no plan “Elsewhere”")).toBeInTheDocument();
  });

  it("is reached with Ctrl 4 and from the palette", async () => {
    const { user, where } = await open("/vaults");
    await user.keyboard("{Control>}4{/Control}");
    await waitFor(() => expect(where()).toBe("/plans/Every%206%20hours"));
    await user.keyboard("{Control>}7{/Control}");
    expect(where()).toBe("/settings/general");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: "Search and commands" }), "nightly");
    await user.click(await screen.findByRole("button", { name: /Run Nightly now/ }));
    expect(where()).toBe("/plans/Nightly");
    expect(fake.requests("job.start")).toEqual([{ command: "plan.run", request: { plan: "Nightly" } }]);
  });
});

describe("the state of a plan", () => {
  it.each([
    [{ state: "guard", held: ["Orders"] }, "Held by guard"],
    [{ state: "failed" }, "Failed"],
    [{ state: "overdue", overdue: ["a", "b"] }, "2 sources overdue"],
    [{ state: "notYet" }, "Not yet"],
    [{ state: "paused", enabled: false }, "Switched off"],
    [{ state: "running" }, "Running"],
  ] as const)("%j is “%s”", async (part, words) => {
    forcePlan(fake.world, "Nightly", structuredClone(part) as never);
    await open("/plans/Nightly?tab=tell");
    const heading = await page().findByRole("heading", { name: "Nightly" });
    expect(within(heading.parentElement as HTMLElement).getByText(words)).toBeInTheDocument();
  });

  it("says what waits and for what; asks where the plan lets it wait no longer", async () => {
    const due = new Date("2026-11-20T08:00:00").toISOString();
    forcePlan(fake.world, "Nightly", {
      state: "waiting",
      waiting: [{ task: "backup", due, reason: "metered", ask: true }],
    });
    const { user } = await open("/plans/Nightly?tab=tell");
    expect(await page().findByText("Waits: on a metered network")).toBeInTheDocument();
    const note = page().getByRole("note");
    expect(note).toHaveTextContent("The backup of today 08:00 waits: on a metered network");
    expect(note).toHaveTextContent("Should it run all the same?");
    await user.click(within(note).getByRole("button", { name: "Run it now" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    expect(fake.requests("job.start")[0]?.request).toEqual({ plan: "Nightly", task: "backup" });
  });

  it("says that it rests also where something worse is true", async () => {
    forcePlan(fake.world, "Half-hourly", { state: "overdue", enabled: false });
    await open("/plans/Half-hourly?tab=tell");
    const heading = await page().findByRole("heading", { name: "Half-hourly" });
    expect(heading.parentElement).toHaveTextContent("Field notes overdueSwitched off");
  });

  it("leads to what a guard holds and to why a source is overdue", async () => {
    forcePlan(fake.world, "Half-hourly", { state: "guard", held: ["Orders"] });
    const { user, where } = await open("/plans/Half-hourly?tab=tell");
    expect(await page().findByText("A guard holds Orders")).toBeInTheDocument();
    expect(page().getByRole("link", { name: "See what went…" })).toHaveAttribute("href", "/sources/Orders");
    expect(page().getByText("Field notes has no good backup as new as promised")).toBeInTheDocument();
    expect(page().getByText(/The promise is 40 minutes\./)).toBeInTheDocument();
    await user.click(page().getByRole("link", { name: "See why" }));
    expect(where()).toBe("/plans/Half-hourly?tab=proof");
  });

  it("names what keeps it from running by its timetable", async () => {
    forcePlan(fake.world, "Nightly", { problem: apiError("usage", '"Mars/Base" is no known time zone.') });
    await open("/plans/Nightly?tab=tell");
    expect(await page().findByText("This plan cannot run by its timetable")).toBeInTheDocument();
    expect(page().getByText('"Mars/Base" is no known time zone.')).toBeInTheDocument();
  });
});

describe("the head of a plan", () => {
  it("runs it now and shows how far it is", async () => {
    const { user } = await open("/plans/Nightly?tab=tell");
    await user.click(await page().findByRole("button", { name: "Run now" }));
    await waitFor(() => expect(page().getByRole("button", { name: "Run now" })).toBeDisabled());
    expect(page().getAllByText("Running").length).toBeGreaterThan(0);
    await act(() => fake.jobs.finish("job-1"));
    await waitFor(() => expect(page().getByRole("button", { name: "Run now" })).toBeEnabled());
  });

  it("says why it could not be run", async () => {
    fake.fail("job.start", apiError("locked", "The state is held."));
    const { user } = await open("/plans/Nightly?tab=tell");
    await user.click(await page().findByRole("button", { name: "Run now" }));
    expect(await page().findByText("The state is held.")).toBeInTheDocument();
  });

  it("pauses for an hour and goes on", async () => {
    const { user } = await open("/plans/Nightly?tab=tell");
    await user.click(await page().findByRole("button", { name: "Pause…" }));
    await user.click(await screen.findByRole("menuitem", { name: "For 1 hour" }));
    const until = new Date(NOW.getTime() + 3_600_000).toISOString();
    await waitFor(() => expect(fake.requests("plan.pause")).toEqual([{ plan: "Nightly", until }]));
    expect(await page().findByText("Paused until today 10:41")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Go on" }));
    await waitFor(() => expect(fake.requests("plan.pause").at(-1)).toEqual({ plan: "Nightly", until: null }));
    expect(await page().findByText("On time")).toBeInTheDocument();
  });

  it("pauses until tomorrow, or until a time of one's own", async () => {
    const { user } = await open("/plans/Nightly?tab=tell");
    await user.click(await page().findByRole("button", { name: "Pause…" }));
    expect(await screen.findByRole("menuitem", { name: "Until tomorrow 08:00" })).toBeInTheDocument();
    await user.click(screen.getByRole("menuitem", { name: "Until another time…" }));
    const dialog = await screen.findByRole("dialog", { name: "Pause until when?" });
    await user.click(within(dialog).getByRole("button", { name: "Pause" }));
    const until = new Date("2026-11-21T08:00:00").toISOString();
    await waitFor(() => expect(fake.requests("plan.pause")).toEqual([{ plan: "Nightly", until }]));
  });

  it("renames it and stays with it", async () => {
    const { user, where } = await open("/plans/Nightly?tab=tell");
    await user.click(await page().findByRole("button", { name: "More for Nightly" }));
    await user.click(await screen.findByRole("menuitem", { name: "Rename…" }));
    const dialog = await screen.findByRole("dialog", { name: "Rename Nightly" });
    const field = within(dialog).getByRole("textbox", { name: "Name" });
    await user.clear(field);
    await user.type(field, "Hourly");
    expect(within(dialog).getByText("There is a plan “Hourly” already.")).toBeInTheDocument();
    await user.clear(field);
    await user.type(field, "At night{Enter}");
    await waitFor(() => expect(where()).toBe("/plans/At%20night?tab=tell"));
    expect(saved()).toMatchObject({ plan: "Nightly", name: "At night", sources: ["Harbour map", "Contracts"] });
    expect(await page().findByRole("heading", { name: "At night" })).toBeInTheDocument();
  });

  it("keeps what was changed while it is renamed, here or elsewhere", async () => {
    const { user, where } = await open("/plans/Nightly?tab=checks");
    await user.click(await page().findByRole("switch", { name: "Sample" }));
    planSeeds(fake.world).find((plan) => plan.name === "Nightly")!.name = "At night";
    act(() => fake.emit("stale", { topics: ["plans"] }));
    await waitFor(() => expect(where()).toBe("/plans/At%20night?tab=checks"));
    expect(await page().findByRole("heading", { name: "At night" })).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()).toMatchObject({ plan: "At night", name: "At night" }));
    expect(saved()?.spec.upkeep.sample.schedule).toBe("manual");
  });

  it("switches it off, and removes it after a question", async () => {
    const { user, where } = await open("/plans/Nightly?tab=tell");
    const more = await page().findByRole("button", { name: "More for Nightly" });
    await user.click(more);
    await user.click(await screen.findByRole("menuitem", { name: "Switch off" }));
    expect(await page().findByText("Switched off")).toBeInTheDocument();
    expect(saved()).toMatchObject({ plan: "Nightly", enabled: false });
    await user.click(more);
    await user.click(await screen.findByRole("menuitem", { name: "Remove…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove the plan Nightly?" });
    expect(dialog).toHaveTextContent("Backups they have stay where they are.");
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Keep the plan" })).toHaveFocus());
    await user.click(within(dialog).getByRole("button", { name: "Remove the plan" }));
    await waitFor(() => expect(where()).toBe("/plans/Every%206%20hours"));
    expect(fake.requests("plan.remove")).toEqual([{ plan: "Nightly" }]);
  });
});

describe("the schedule", () => {
  it("is a sentence with the next runs, five or ten", async () => {
    const { user } = await open("/plans/Every%206%20hours");
    const next = within(await page().findByRole("region", { name: "The next runs" }));
    expect(await next.findByText("15:00", { selector: "li:first-child strong" })).toBeInTheDocument();
    expect(next.getAllByRole("listitem").map((row) => row.textContent)).toEqual([
      "Today 15:00in 5 h",
      "Today 21:00in 11 h",
      "Tomorrow, Saturday 03:00in 17 h",
      "Tomorrow, Saturday 09:00in 23 h",
      "Tomorrow, Saturday 15:00",
    ]);
    await user.click(next.getByRole("button", { name: "Show ten" }));
    expect(next.getAllByRole("listitem")).toHaveLength(10);
    expect(page().getByText("0 3,9,15,21 * * *")).toBeInTheDocument();
    expect(page().getByText(/After 7 hours without a good backup/)).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("is saved or discarded; the bar shows only when something was changed", async () => {
    const { user } = await open("/plans/Every%206%20hours");
    const every = await page().findByRole("textbox", { name: "Hours from one run to the next" });
    expect(page().queryByRole("button", { name: "Save plan" })).toBeNull();
    await user.clear(every);
    await user.type(every, "4");
    await user.click(page().getByRole("button", { name: "Discard" }));
    expect(page().getByRole("textbox", { name: "Hours from one run to the next" })).toHaveValue("6");
    expect(page().queryByRole("button", { name: "Save plan" })).toBeNull();
    await user.clear(page().getByRole("textbox", { name: "Hours from one run to the next" }));
    expect(page().getByText("The number of minutes or hours is missing.")).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Save plan" })).toBeDisabled();
    await user.type(page().getByRole("textbox", { name: "Hours from one run to the next" }), "8");
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(page().queryByRole("button", { name: "Save plan" })).toBeNull());
    expect(saved()?.spec.timetable.schedule).toEqual({ hours: { every: 8, from: "03:00", days: [] } });
    expect(saved()).toMatchObject({ plan: "Every 6 hours", name: "Every 6 hours", sources: ["Team wiki"] });
    expect(page().getByRole("textbox", { name: "Hours from one run to the next" })).toHaveValue("8");
  });

  it("that the engine refuses keeps what was typed", async () => {
    fake.fail("plan.set", apiError("refused", "A plan of this vault runs at that time."));
    const { user } = await open("/plans/Nightly");
    await user.click(await page().findByRole("radio", { name: "Weekly" }));
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await page().findByText("A plan of this vault runs at that time.")).toBeInTheDocument();
    expect(page().getByText("The plan goes on as it was. Your changes are still here.")).toBeInTheDocument();
    expect(page().getByRole("radio", { name: "Weekly" })).toBeChecked();
  });

  it("says which field of a cron line is wrong, and asks nothing until it is right", async () => {
    const { user } = await open("/plans/Every%203%20hours");
    const line = await page().findByRole("textbox", { name: "Cron line" });
    expect(line).toHaveValue("0 */3 * * 1-5");
    expect(page().getByText("On the hour, every 3 hours, Monday through Friday")).toBeInTheDocument();
    await page().findByText("Show ten");
    const asked = fake.requests("plan.preview").length;
    await user.clear(line);
    await user.type(line, "0 6 99 * *");
    expect(page().getByText("The third field must be a day of the month, 1 to 31.")).toBeInTheDocument();
    expect(line).toBeInvalid();
    expect(page().getByRole("button", { name: "Save plan" })).toBeDisabled();
    await new Promise((done) => setTimeout(done, 400));
    expect(
      fake
        .requests("plan.preview")
        .slice(asked)
        .map((one) => one.timetable.schedule),
    ).toEqual([]);
    await user.clear(line);
    await user.type(line, "0 0 30 2 *");
    expect((await page().findAllByText("This schedule never happens.")).length).toBeGreaterThan(0);
    expect(line).toBeInvalid();
  });

  it("changes what happens at bad moments, quiet hours and the promise", async () => {
    const { user } = await open("/plans/Nightly");
    await user.click(await page().findByRole("combobox", { name: "On battery" }));
    await user.click(await screen.findByRole("option", { name: "Run" }));
    expect(page().getByText("Runs at its time all the same.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Add hours" }));
    expect(page().getByRole("button", { name: "Remove the quiet hours 22:00 to 06:00" })).toBeInTheDocument();
    await page().findByText(/After 28 hours/);
    await user.click(page().getByRole("button", { name: "Change" }));
    const promise = page().getByRole("textbox", { name: "Longest age of a good backup" });
    await user.clear(promise);
    await user.type(promise, "2");
    await user.click(page().getByRole("combobox", { name: "Unit" }));
    await user.click(await screen.findByRole("option", { name: "days" }));
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()).toBeDefined());
    expect(saved()?.spec).toMatchObject({
      rules: { battery: "run", quiet: [{ from: "22:00", to: "06:00", days: [] }] },
      promiseMinutes: 2880,
    });
  });

  it("takes times as they are typed, and several a day", async () => {
    const { user } = await open("/plans/Nightly");
    const hour = await page().findByLabelText("Time 1: hour");
    expect(hour).toHaveValue("02");
    await user.click(hour);
    await user.keyboard("0530");
    await user.click(page().getByRole("button", { name: "Another time" }));
    expect(page().getByLabelText("Time 2: hour")).toHaveValue("17");
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()?.spec.timetable.schedule).toEqual({ daily: { times: ["05:30", "17:30"] } }));
    expect(await screen.findByText("Plan Nightly is saved.")).toHaveAttribute("aria-live", "polite");
    await user.click(page().getByRole("button", { name: "Remove 05:30" }));
    await user.click(page().getByRole("combobox", { name: "Time zone" }));
    await user.keyboard("copenh");
    await user.click(await screen.findByRole("option", { name: "Europe/Copenhagen" }));
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()?.spec.timetable).toMatchObject({ zone: "Europe/Copenhagen" }));
    expect(saved()?.spec.timetable.schedule).toEqual({ daily: { times: ["17:30"] } });
  });

  it("asks before changes are left behind, also with the other tabs untouched", async () => {
    const { user, where } = await open("/plans/Nightly");
    await user.click(await page().findByRole("radio", { name: "Weekly" }));
    await user.click(await tab("Keep"));
    expect(where()).toBe("/plans/Nightly?tab=keep");
    expect(page().getByRole("button", { name: "Save plan" })).toBeInTheDocument();
    await user.click(page().getByRole("link", { name: /Half-hourly/ }));
    const dialog = await screen.findByRole("dialog", { name: "Leave without saving?" });
    await user.click(within(dialog).getByRole("button", { name: "Stay here" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(where()).toBe("/plans/Nightly?tab=keep");
    await user.click(page().getByRole("link", { name: /Half-hourly/ }));
    const again = await screen.findByRole("dialog", { name: "Leave without saving?" });
    await user.click(within(again).getByRole("button", { name: "Leave without saving" }));
    await waitFor(() => expect(where()).toBe("/plans/Half-hourly"));
  });
});

describe("what is kept", () => {
  it("shows what stays and goes, with a calendar to walk and reasons", async () => {
    const { user } = await open("/plans/Every%206%20hours?tab=keep");
    expect(await page().findByText("42")).toBeInTheDocument();
    expect(page().getByText("go tomorrow 02:00")).toBeInTheDocument();
    expect(await page().findByText("310 MB")).toBeInTheDocument();
    expect(page().getByText(/Keep one an hour for 30 days and one a day for 12 months\./)).toBeInTheDocument();
    const grid = page().getByRole("grid", { name: /Backups by day/ });
    const today = within(grid).getByRole("gridcell", { name: "Today: 2 stay" });
    act(() => today.focus());
    await user.keyboard("{ArrowUp}");
    expect(within(grid).getByRole("gridcell", { name: "Yesterday: 4 stay" })).toHaveFocus();
    await user.keyboard("{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}");
    expect(document.activeElement).toHaveAccessibleName("Thursday 15 October: 1 stays, 3 go");
    expect(page().getByText("Thursday 15 October: 1 stays, 3 go", { selector: "[aria-live]" })).toBeInTheDocument();
    const list = page().getByRole("table", { name: "Backup by backup" });
    expect(within(list).getAllByText("Goes")).toHaveLength(42);
    await user.click(page().getByRole("checkbox", { name: "Only those that go" }));
    expect(within(list).getAllByRole("row")[1]).toHaveTextContent(
      "today 09:00StaysThe one of its hour".replace("The", "the"),
    );
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "As a table" }));
    const table = page().getByRole("table", { name: "What stays, what goes" });
    expect(within(table).getByRole("row", { name: "Thursday 15 October 1 3" })).toBeInTheDocument();
  });

  it("follows the rules as they are chosen, before anything is saved", async () => {
    const { user } = await open("/plans/Every%206%20hours?tab=keep");
    await page().findByText("42");
    await user.click(page().getByRole("radio", { name: "Everything" }));
    expect(await page().findByText("nothing goes")).toBeInTheDocument();
    expect(page().getByText("Every backup is kept for ever.")).toBeInTheDocument();
    await user.click(page().getByRole("radio", { name: "Own…" }));
    const days = page().getByRole("textbox", { name: "Days, one each" });
    expect(days).toHaveValue("30");
    await user.type(page().getByRole("textbox", { name: "Everything within" }), "soon");
    expect(page().getByText("Like 30d, 12w or 1y6m")).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Save plan" })).toBeDisabled();
    await user.clear(page().getByRole("textbox", { name: "Everything within" }));
    await user.type(page().getByRole("textbox", { name: "Everything within" }), "7d");
    await waitFor(() =>
      expect(fake.requests("plan.keepPreview").at(-1)?.keep).toMatchObject({ daily: 30, weekly: 12, within: "7d" }),
    );
    expect(fake.requests("plan.set")).toEqual([]);
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()?.spec.keep).toMatchObject({ daily: 30, within: "7d" }));
  });

  it("says what a guard holds, and which vault could not be looked at", async () => {
    fake.handle({
      "plan.keepPreview": () => ({
        stay: 3,
        go: 0,
        days: [{ day: "2026-11-20", stay: 3, go: 0 }],
        rows: [],
        held: ["Orders"],
        unreachable: [["Blue USB disk", apiError("unreachable", "/media/mara/BLUE is not there.")]],
      }),
    });
    await open("/plans/Half-hourly?tab=keep");
    expect(await page().findByText("Nothing of Orders goes: a guard holds it")).toBeInTheDocument();
    expect(page().getByText("Blue USB disk could not be looked at")).toBeInTheDocument();
    expect(page().getByText("stay of 3 backups")).toBeInTheDocument();
  });

  it("has nothing to show before the first backup, and says what went wrong", async () => {
    fake.handle({ "plan.keepPreview": () => ({ stay: 0, go: 0, days: [], rows: [], held: [], unreachable: [] }) });
    const { user } = await open("/plans/Nightly?tab=keep");
    expect(await page().findByText("No backup of these sources yet")).toBeInTheDocument();
    fake.fail("plan.keepPreview", apiError("damaged", "An index cannot be read."));
    await user.click(page().getByRole("radio", { name: "Everything" }));
    expect(await page().findByText("An index cannot be read.")).toBeInTheDocument();
  });
});

describe("checks and drills", () => {
  it("are switched, timed and limited", async () => {
    const { user } = await open("/plans/Nightly?tab=checks");
    const sample = await page().findByRole("switch", { name: "Sample" });
    expect(page().getByText("reads 5 % of what is stored, another 5 % each time")).toBeInTheDocument();
    expect(page().getByRole("switch", { name: "After each backup, read back what was written" })).toBeDisabled();
    await user.click(sample);
    expect(page().queryByRole("combobox", { name: "When: Sample" })).toBeNull();
    await user.click(page().getByRole("combobox", { name: "When: In full" }));
    await user.click(await screen.findByRole("option", { name: "Saturdays 05:00" }));
    await user.click(page().getByRole("switch", { name: "A collection becomes empty" }));
    await user.click(page().getByRole("switch", { name: "A collection loses more than this many" }));
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() => expect(saved()).toBeDefined());
    expect(saved()?.spec).toMatchObject({
      upkeep: {
        sample: { schedule: "manual" },
        full: { schedule: { weekly: { days: ["sat"], times: ["05:00"] } } },
      },
      guards: { sharePercent: 25, count: null, emptied: false, schema: true },
    });
  });

  it("take other times from a dialog that shows what they mean", async () => {
    const { user } = await open("/plans/Nightly?tab=checks");
    await user.click(await page().findByRole("combobox", { name: "When: Structure" }));
    await user.click(await screen.findByRole("option", { name: "Other times…" }));
    const dialog = await screen.findByRole("dialog", { name: "When: Structure" });
    await user.click(within(dialog).getByRole("radio", { name: "Monthly" }));
    await user.click(within(dialog).getByRole("combobox", { name: "Day of the month" }));
    await user.click(await screen.findByRole("option", { name: "last day of the month" }));
    expect(await within(dialog).findByText("Monday 30 November")).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Take these times" }));
    await user.click(await page().findByRole("button", { name: "Save plan" }));
    await waitFor(() =>
      expect(saved()?.spec.upkeep.structure.schedule).toEqual({ monthly: { on: "last", time: "03:30" } }),
    );
  });
});

describe("who is told", () => {
  it("is chosen per channel, at once; one that tells of all plans stays", async () => {
    const row = { target: "https://hooks.example", events: [], enabled: true, kind: { webhook: { slack: false } } };
    const channels = [
      { ...row, id: "1", name: "Team chat", plans: [] },
      { ...row, id: "2", name: "On call", plans: ["Hourly"] },
    ];
    fake.handle({
      "channel.list": () => ({ channels, sent: [] }),
      "channel.set": (request) => {
        channels[1]!.plans = (request.plans ?? []) as never;
        return channels[1] as never;
      },
    });
    const { user } = await open("/plans/Nightly?tab=tell");
    expect(await page().findByRole("switch", { name: "Team chat tells about this plan" })).toBeDisabled();
    await user.click(page().getByRole("switch", { name: "On call tells about this plan" }));
    await waitFor(() => expect(page().getByRole("switch", { name: "On call tells about this plan" })).toBeChecked());
    expect(fake.requests("channel.set")).toMatchObject([{ channel: "On call", plans: ["Hourly", "Nightly"] }]);
    expect(fake.requests("channel.set")[0]).not.toHaveProperty("secret");
    expect(page().queryByRole("button", { name: "Save plan" })).toBeNull();
  });

  it("has commands before and after, and misses an empty one", async () => {
    fake.handle({ "channel.list": () => ({ channels: [], sent: [] }) });
    const { user } = await open("/plans/Nightly?tab=tell");
    expect(await page().findByText("No other channel yet")).toBeInTheDocument();
    await user.click(page().getByRole("switch", { name: "Before" }));
    expect(page().getByRole("button", { name: "Save plan" })).toBeDisabled();
    await user.type(page().getByRole("textbox", { name: "Command: Before" }), "systemctl stop shop");
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "Save plan" }));
    await waitFor(() =>
      expect(saved()?.spec.hooks).toEqual({ before: { command: "systemctl stop shop", seconds: 300 } }),
    );
  });
});

describe("the proof", () => {
  it("says how many moments were kept, and why each other one was not, by keyboard", async () => {
    const { user } = await open("/plans/Half-hourly?tab=proof");
    expect(
      await page().findByText(/^8\d\.\d % of 1,\d{3} moments kept in 30 days\. Every other one has a reason\.$/),
    ).toBeInTheDocument();
    expect(fake.requests("plan.proof")[0]).toMatchObject({ plan: "Half-hourly", source: "Field notes" });
    expect(page().getByRole("radio", { name: "Field notes" })).toBeChecked();
    const grid = page().getByRole("grid", { name: /How each moment went/ });
    expect(
      within(grid)
        .getAllByRole("row")
        .filter((row) => row.ariaLabel),
    ).toHaveLength(14);
    const why = page().getByRole("region", { name: "Why" });
    expect(why).toHaveTextContent("Failed: A file could not be read or written");
    expect(why).toHaveTextContent("Tried 5 times.");
    const chosen = within(grid).getByRole("gridcell", { selected: true });
    act(() => chosen.focus());
    await user.keyboard("{Home}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}");
    expect(document.activeElement).toHaveAccessibleName("Sunday 15 November, 00:00: 2 asleep or off");
    expect(why).toHaveTextContent("Nobody was there to run it.");
    expect(why).toHaveTextContent("Reason: computer asleep. The run of Sun 15 Nov, 08:00 stands for it.");
    await user.keyboard(
      "{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}",
    );
    expect(why).toHaveTextContent("It was caught up.");
    const reasons = page().getByRole("region", { name: "Why moments were not kept" });
    expect(within(reasons).getAllByRole("listitem")[1]).toHaveTextContent("102A file could not be read or written");
    expect(await axeFindings()).toEqual([]);
  });

  it("shows one source or the worst of all", async () => {
    const { user } = await open("/plans/Half-hourly?tab=proof");
    await user.click(await page().findByRole("radio", { name: "Orders" }));
    await waitFor(() => expect(fake.requests("plan.proof").at(-1)).toMatchObject({ source: "Orders" }));
    await waitFor(() => expect(page().queryByText("A file could not be read or written")).toBeNull());
    await user.click(page().getByRole("radio", { name: "All" }));
    await waitFor(() => expect(fake.requests("plan.proof").at(-1)).not.toHaveProperty("source"));
  });

  it("of a plan that runs once a day is shown by the day", async () => {
    await open("/plans/Nightly?tab=proof");
    expect(await page().findByText(/% of 18\d moments kept in 182 days/)).toBeInTheDocument();
    const grid = page().getByRole("grid", { name: /How each moment went/ });
    expect(
      within(grid)
        .getAllByRole("row")
        .filter((row) => row.ariaLabel),
    ).toHaveLength(7);
  });

  it("of a plan that never ran says so", async () => {
    fake.handle({
      "plan.proof": () => ({ slots: [], moments: 0, kept: 0, reasons: [], watcher: { installed: true } }),
    });
    await open("/plans/Nightly?tab=proof");
    expect(await page().findByText("No moment has passed yet")).toBeInTheDocument();
  });

  it("tries a failed moment again for its source", async () => {
    const { user } = await open("/plans/Half-hourly?tab=proof");
    await user.click(await page().findByRole("button", { name: "Try again now" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    expect(fake.requests("job.start")[0]?.request).toEqual({ plan: "Half-hourly", sources: ["Field notes"] });
  });

  it("lets the system look whether Backstay runs, after showing what is written", async () => {
    const { user } = await open("/plans/Nightly?tab=proof");
    expect(await page().findByText("Nobody is watching whether Backstay runs.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Let the system look…" }));
    const dialog = await screen.findByRole("dialog", { name: "Let the system look whether Backstay runs" });
    expect(await within(dialog).findByText(/backstay-watch\.timer/)).toBeInTheDocument();
    expect(fake.requests("agent.install")).toEqual([{ dryRun: true }]);
    await user.click(within(dialog).getByRole("button", { name: "Let it look" }));
    expect(await page().findByText("Someone is watching the watcher.")).toBeInTheDocument();
    expect(fake.requests("agent.install")).toContainEqual({});
  });
});

describe("a new plan", () => {
  it("has good defaults, takes what is in no plan, and is made once", async () => {
    planSeeds(fake.world).splice(0, 1);
    const { user, where } = await open("/plans/add");
    expect(await page().findByRole("textbox", { name: "Name" })).toHaveValue("Every 6 hours");
    expect(page().getByText("Team wiki")).toBeInTheDocument();
    await user.click(page().getByRole("radio", { name: "Daily" }));
    expect(page().getByRole("textbox", { name: "Name" })).toHaveValue("Nightly 2");
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "Make the plan" }));
    await waitFor(() => expect(where()).toBe("/plans/Nightly%202"));
    expect(fake.requests("plan.set")).toHaveLength(1);
    expect(saved()).toMatchObject({
      name: "Nightly 2",
      sources: ["Team wiki"],
      vaults: [],
      spec: {
        keep: { preset: "30d-12w-12m" },
        upkeep: { samplePercent: 5, drill: { schedule: "manual" }, structure: { schedule: { weekly: {} } } },
      },
    });
    expect(saved()).not.toHaveProperty("plan");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("needs a source and a name of its own, and says why it was not made", async () => {
    const { user } = await open("/plans/add");
    await user.click(await page().findByRole("button", { name: "Make the plan" }));
    expect(page().getAllByText("A plan needs at least one source.").length).toBeGreaterThan(0);
    expect(fake.requests("plan.set")).toEqual([]);
    await user.click(page().getByRole("combobox", { name: "Sources" }));
    await user.click(await screen.findByRole("option", { name: "Billing" }));
    await user.clear(page().getByRole("textbox", { name: "Name" }));
    await user.type(page().getByRole("textbox", { name: "Name" }), "Nightly");
    expect(page().getByText("There is a plan “Nightly” already.")).toBeInTheDocument();
    await user.type(page().getByRole("textbox", { name: "Name" }), " backups");
    fake.fail("plan.set", apiError("io", "The state cannot be written."), 1);
    await user.click(page().getByRole("button", { name: "Make the plan" }));
    expect(await page().findByText("The state cannot be written.")).toBeInTheDocument();
    expect(page().getByRole("textbox", { name: "Name" })).toHaveValue("Nightly backups");
  });
});

describe("in German", () => {
  it("everything has its words", async () => {
    fake.world.settings.language = "de";
    await open("/plans/Half-hourly?tab=proof");
    expect(await page().findByText(/Zeitpunkten in 30 Tagen eingehalten/)).toBeInTheDocument();
    expect(page().getByText("Field notes überfällig")).toBeInTheDocument();
  });
});
