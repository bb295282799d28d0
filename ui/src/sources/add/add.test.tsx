/** The assistant: from a kind to the first backup, with everything that can stand in the way. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../../platform/fake";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../../test/render";
import { keptDraft, nameFromPath } from "./draft";
import { withSizes } from "./ProbePanel";

configure({ asyncUtilTimeout: 5000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../../views/AddSourceView"), import("../../views/WelcomeView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0, empty: true });
});

async function open(settings: RenderSettings) {
  const drawn = renderApp(settings);
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const path = () => page().findByRole("textbox", { name: /^Path/ });
const next = (name = "Continue") => page().findByRole("button", { name });

/** Gives sizes and names as people read them. */
describe("words", () => {
  it("are made readable", () => {
    expect(withSizes("notes.db (8601600 bytes)")).toBe("notes.db (8.6 MB)");
    expect(nameFromPath("/home/mara/Letters/")).toBe("Letters");
    expect(nameFromPath("/srv/shop/orders.db")).toBe("orders");
  });
});

describe("the assistant", () => {
  it("leads from nothing to a proven backup, by keyboard", async () => {
    const { user, where } = await open({ fake });
    await user.click(await screen.findByRole("button", { name: /Protect something of mine/ }));
    await user.click(await page().findByRole("button", { name: /^Folder/ }));
    expect(await next()).toBeDisabled();
    await user.type(await path(), "/home/mara/Letters");
    expect(await page().findByText("Letters (812 files)")).toBeInTheDocument();
    expect(page().getByText("the first backup reads 640 MB")).toBeInTheDocument();
    expect(page().getByRole("textbox", { name: /^Name/ })).toHaveValue("Letters");
    // Tested once typing stopped, not at every key.
    expect(fake.requests("source.try")).toEqual([{ kind: "folder", options: { path: "/home/mara/Letters" } }]);
    expect(await axeFindings()).toEqual([]);
    await user.keyboard("{Control>}{Enter}{/Control}");

    expect(await page().findByRole("heading", { name: "Where should Letters be kept, and how often?" })).toHaveFocus();
    await user.type(page().getByRole("textbox", { name: /^Folder/ }), "/home/mara/backups");
    expect(page().getByText("This looks like the same disk")).toBeInTheDocument();
    expect(page().getByRole("textbox", { name: /^Name/ })).toHaveValue("backups");
    await user.click(await next());

    await user.type(await page().findByLabelText(/^Password of the vault/), "correct horse");
    const start = await next("Save and back up now");
    expect(start).toBeDisabled();
    await user.type(page().getByLabelText(/once more/), "correct horse");
    expect(await axeFindings()).toEqual([]);
    await user.click(start);

    const kit = await screen.findByRole("dialog", { name: "Recovery kit for backups" });
    await user.type(await within(kit).findByRole("textbox", { name: "Word 2" }), "copper");
    await user.type(within(kit).getByRole("textbox", { name: "Word 4" }), "lantern");
    await user.type(within(kit).getByRole("textbox", { name: "Word 11" }), "meadow");
    await user.click(within(kit).getByRole("button", { name: "Done" }));

    expect(await page().findByText("Backing up Letters for the first time")).toBeInTheDocument();
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    expect(fake.requests("source.add")).toEqual([
      { kind: "folder", name: "Letters", options: { path: "/home/mara/Letters" }, force: false },
    ]);
    expect(fake.requests("source.change")).toEqual([{ name: "Letters", vaults: ["backups"] }]);
    expect(await axeFindings()).toEqual([]);
    await fake.jobs.finish("job-1");
    expect(await page().findByText("Your first backup is made and proven.")).toBeInTheDocument();
    expect(page().getByText(/encrypted in backups/)).toBeInTheDocument();
    expect(page().queryByText("One thing is left: the recovery kit.")).toBeNull();
    await user.click(page().getByRole("button", { name: "Look around" }));
    expect(where()).toBe("/sources/Letters");
    expect(keptDraft()).toBeUndefined();
  });

  it("keeps the kit in sight when it was put off", async () => {
    const { user } = await open({ fake, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    await user.type(await page().findByRole("textbox", { name: /^Folder/ }), "/media/mara/B/vault");
    await user.click(await next());
    await user.click(await next("Make one for me"));
    await user.click(await next("Save and back up now"));
    const kit = await screen.findByRole("dialog");
    await user.click(await within(kit).findByRole("button", { name: "Later" }));
    expect(await page().findByText("While you wait")).toBeInTheDocument();
    await fake.jobs.finish("job-1");
    expect(await page().findByText("One thing is left: the recovery kit.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Print the recovery kit" }));
    expect(await screen.findByRole("dialog", { name: "Recovery kit for vault" })).toBeInTheDocument();
  });

  it("says what is wrong with a path, and lets one go on where that makes sense", async () => {
    const { user } = await open({ fake, at: "/sources/add?kind=folder&path=/home/mara/missing" });
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("There is nothing at this place.");
    expect(alert).toHaveTextContent("There is nothing at /home/mara/missing.");
    expect(await next()).toBeDisabled();
    await user.click(within(alert).getByRole("button", { name: "Go on anyway" }));
    await waitFor(async () => expect(await next()).toBeEnabled());
    await user.clear(await path());
    await user.type(await path(), "Letters");
    const usage = await page().findByText("One of the settings is not right.");
    const closest = usage.closest("[role=alert]") as HTMLElement;
    expect(closest).toHaveTextContent("Write it from the top");
    expect(within(closest).queryByRole("button", { name: "Go on anyway" })).toBeNull();
  });

  it("does not take a name twice", async () => {
    await open({ fake: new Fake({ now: NOW, tick: 0 }), at: "/sources/add?kind=folder&path=/home/x/Orders" });
    expect(await page().findByText("There is a source “Orders” already.")).toBeInTheDocument();
    await page().findByText("Connected");
    expect(await next()).toBeDisabled();
  });

  it("uses vaults that exist, the default one first", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    expect(await page().findByRole("checkbox", { name: /Office NAS/ })).toBeChecked();
    await user.click(page().getByRole("checkbox", { name: /Archive 2024/ }));
    expect(page().queryByText("Password")).toBeNull();
    await user.click(await next("Save and back up now"));
    await waitFor(() =>
      expect(full.requests("source.change")).toEqual([{ name: "Letters", vaults: ["Office NAS", "Archive 2024"] }]),
    );
    await page().findByText("Backing up Letters for the first time");
  });

  it("makes a plan of its own, before the first backup begins", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    const often = within(await page().findByRole("region", { name: "How often?" }));
    expect(often.getByRole("radio", { name: "Every 6 hours" })).toBeChecked();
    expect(await often.findByText(/^Next: today 15:00, today 21:00, tomorrow 03:00\./)).toBeInTheDocument();
    await user.click(often.getByRole("radio", { name: "Every night" }));
    await user.click(often.getByRole("switch", { name: /25 % of a collection/ }));
    expect(await axeFindings()).toEqual([]);
    await user.click(await next("Save and back up now"));
    await waitFor(() => expect(full.requests("job.start")).toHaveLength(1));
    expect(full.requests("plan.set")).toMatchObject([
      {
        name: "Nightly 2",
        sources: ["Letters"],
        spec: {
          timetable: { schedule: { daily: { times: ["02:00"] } } },
          guards: { sharePercent: null, emptied: true },
        },
      },
    ]);
    const order = full.calls.map((made) => made.name);
    expect(order.indexOf("plan.set")).toBeLessThan(order.indexOf("job.start"));
  });

  it("joins a plan there is, once, however often it is tried", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    await user.click(await page().findByRole("combobox", { name: "Plan" }));
    await user.click(await screen.findByRole("option", { name: "Nightly" }));
    expect(page().getByText(/every night 02:00 · Harbour map, Contracts/)).toBeInTheDocument();
    expect(page().queryByRole("radio", { name: "Every 6 hours" })).toBeNull();
    full.fail("job.start", apiError("locked", "The state is held."), 1);
    await user.click(await next("Save and back up now"));
    await page().findByText("The state is held.");
    await user.click(await next("Save and back up now"));
    await waitFor(() => expect(full.requests("job.start")).toHaveLength(2));
    expect(full.requests("plan.set")).toMatchObject([
      { plan: "Nightly", name: "Nightly", sources: ["Harbour map", "Contracts", "Letters"] },
    ]);
    expect(full.requests("source.add")).toHaveLength(1);
  });

  it("may stay without a plan, and waits for times that are right", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    await user.click(await page().findByRole("radio", { name: "Own…" }));
    await user.click(page().getByRole("radio", { name: "Cron" }));
    await user.clear(page().getByRole("textbox", { name: "Cron line" }));
    expect(await next("Save and back up now")).toBeDisabled();
    await user.click(page().getByRole("combobox", { name: "Plan" }));
    await user.click(await screen.findByRole("option", { name: "No plan" }));
    expect(page().getByText("It is backed up only when you press the button.")).toBeInTheDocument();
    await user.click(await next("Save and back up now"));
    await page().findByText("Backing up Letters for the first time");
    expect(full.requests("job.start")).toHaveLength(1);
    expect(full.requests("plan.set")).toEqual([]);
  });

  it("goes on with the history an opened vault holds under the name", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    full.world.sources.splice(1);
    const old = {
      id: "ab",
      vault: "Archive 2024",
      time: NOW.toISOString(),
      source: "Letters",
      sourceId: "x",
      host: "h",
      tags: [],
      safety: false,
    };
    full.handle({ "snapshot.list": ({ source }) => ({ snapshots: source === "Letters" ? [old] : [] }) });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    expect(await page().findByText("A vault holds 1 backup of a source named Letters")).toBeInTheDocument();
    expect(page().getByRole("checkbox", { name: /Go on with that history/ })).toBeChecked();
    await user.click(await next("Save and back up now"));
    await waitFor(() => expect(full.requests("source.add")[0]?.adopt).toBe(true));
    await page().findByText("Backing up Letters for the first time");
  });

  it("goes back without losing choices, and on after the window was closed", async () => {
    const first = await open({ fake, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await first.user.click(await next());
    await first.user.type(await page().findByRole("textbox", { name: /^Folder/ }), "/media/mara/B/vault");
    await first.user.click(await next("Back"));
    expect(await path()).toHaveValue("/home/mara/Letters");
    await page().findByText("Connected");
    await first.user.click(await next());
    expect(await page().findByRole("textbox", { name: /^Folder/ })).toHaveValue("/media/mara/B/vault");
    first.unmount();

    const second = await open({ fake, at: "/welcome" });
    await second.user.click(await screen.findByRole("button", { name: /Go on with Letters/ }));
    expect(await page().findByRole("textbox", { name: /^Folder/ })).toHaveValue("/media/mara/B/vault");
    await second.user.click(await next("Start over"));
    expect(await page().findByRole("heading", { name: "What do you want to protect?" })).toBeInTheDocument();
    expect(keptDraft()).toBeUndefined();
  });

  it("shows a first backup that still runs, but not one that ended unseen", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const first = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await first.user.click(await next());
    await first.user.click(await next("Save and back up now"));
    await page().findByText("Backing up Letters for the first time");
    first.unmount();
    const second = await open({ fake: full, at: "/sources/add" });
    expect(await page().findByText("Backing up Letters for the first time")).toBeInTheDocument();
    second.unmount();
    await full.jobs.finish("job-1");
    await open({ fake: full, at: "/sources/add" });
    expect(await page().findByRole("heading", { name: "What do you want to protect?" })).toBeInTheDocument();
    await waitFor(() => expect(keptDraft()).toBeUndefined());
  });

  it("keeps no secrets, and asks for them again", async () => {
    const secret = {
      name: "token",
      value: "TOKEN",
      help: "",
      required: true,
      multiple: false,
      flag: false,
      secret: true,
      path: false,
      choices: [],
    };
    const kind = { restoreOptions: [], namedPlaces: false, replicates: false, options: [secret] };
    fake.handle({
      "connector.list": () => ({
        connectors: [{ ...kind, kind: "cloud", title: "A new service", summary: "x" }],
      }),
      "source.try": () => ({
        source: "x",
        probe: { found: ["12 pages"], parts: [], warnings: [] },
        capabilities: {} as never,
      }),
    });
    const { user, unmount } = await open({ fake, at: "/sources/add" });
    await user.click(await page().findByRole("button", { name: /A new service/ }));
    const token = await page().findByLabelText(/^Token/);
    expect(token).toHaveAttribute("type", "password");
    await user.type(token, "s3cret");
    await user.type(page().getByRole("textbox", { name: /^Name/ }), "Cloud");
    await page().findByText("12 pages");
    await user.click(await next());
    expect(localStorage.getItem("backstay.assistant")).toContain("Cloud");
    expect(localStorage.getItem("backstay.assistant")).not.toContain("s3cret");
    unmount();
    await open({ fake, at: "/sources/add" });
    expect(await page().findByLabelText(/^Token/)).toHaveValue("");
  });

  it("does not make the vault twice when the source is refused", async () => {
    fake.fail("source.add", apiError("refused", "No more sources."), 1);
    const { user } = await open({ fake, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    await user.type(await page().findByRole("textbox", { name: /^Folder/ }), "/media/mara/B/vault");
    await user.click(await next());
    await user.click(await next("Make one for me"));
    await user.click(await next("Save and back up now"));
    await user.click(await within(await screen.findByRole("dialog")).findByRole("button", { name: "Later" }));
    expect(await page().findByRole("alert")).toHaveTextContent("No more sources.");
    expect(page().getByText("The vault is made. Nothing else is saved yet.")).toBeInTheDocument();
    await user.click(await next("Save and back up now"));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    expect(fake.requests("vault.create")).toHaveLength(1);
  });

  it("shows why the first backup failed, and tries again", async () => {
    const full = new Fake({ now: NOW, tick: 0 });
    const { user } = await open({ fake: full, at: "/sources/add?kind=folder&path=/home/mara/Letters" });
    await page().findByText("Connected");
    await user.click(await next());
    await user.click(await next("Save and back up now"));
    await waitFor(() => expect(full.requests("job.start")).toHaveLength(1));
    await full.jobs.finish("job-1", apiError("full", "There is no space left in Office NAS."));
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("The first backup did not succeed.");
    expect(alert).toHaveTextContent("Letters is saved as a source, and nothing in it was touched.");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(full.requests("job.start")).toHaveLength(2));
  });
});

describe("the first run", () => {
  it("has four doors and nothing axe finds wrong", async () => {
    const { user, where } = await open({ fake, at: "/welcome" });
    expect(await screen.findByText(/^Folder, SQLite or LiveStore,? and CouchDB\./)).toBeInTheDocument();
    expect(screen.getAllByRole("button", { name: /Protect|Try it|recovery kit|backup file/ })).toHaveLength(4);
    expect(await axeFindings()).toEqual([]);
    await user.click(screen.getByRole("button", { name: /I have a recovery kit/ }));
    expect(where()).toBe("/vaults/add?open=");
  });

  it("makes the sample and shows it", async () => {
    const { user } = await open({ fake, at: "/welcome" });
    await user.click(await screen.findByRole("button", { name: /Try it on a sample workspace/ }));
    expect(await page().findByRole("heading", { level: 1, name: "Everything is backed up." })).toBeInTheDocument();
    expect(fake.requests("sample.create")).toEqual([{ language: "en" }]);
  });

  it("opens a chosen file where it belongs", async () => {
    fake.handle({
      "path.inspect": ({ path: file }) => ({ path: file, name: "x.zip", kind: "bundle", protect: [], protectedBy: [] }),
    });
    const { user, where } = await open({ fake, at: "/welcome" });
    await user.click(await screen.findByRole("button", { name: /I have a backup file/ }));
    await waitFor(() => expect(where()).toMatch(/^\/bundle\?path=/));
  });

  it("changes the language at once", async () => {
    const { user } = await open({ fake, at: "/welcome" });
    await user.click(await screen.findByRole("button", { name: "Language: English" }));
    await user.click(await screen.findByRole("menuitem", { name: "Deutsch" }));
    expect(
      await screen.findByRole("heading", { name: "Sichern Sie, was in Ihren Programmen lebt." }),
    ).toBeInTheDocument();
    expect(fake.world.settings.language).toBe("de");
  });
});
