/** The frame: where one can go, what it says, keyboard, lock, drop, secrets, what the desktop asks for. */
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { call, startJob } from "../api";
import { apiError, Fake } from "../platform/fake";
import { announce } from "../shared/live";
import { axeFindings, NOW, renderApp } from "../test/render";

const still = () => new Fake({ now: NOW, tick: 0 });

describe("the side bar", () => {
  it("names the places and the sources with their states", async () => {
    renderApp({ at: "/activity/audit" });
    const bar = await screen.findByRole("navigation", { name: "Main" });
    const wiki = await within(bar).findByRole("link", { name: /Team wiki/ });
    expect(within(wiki).getByRole("img", { name: "Partial" })).toBeVisible();
    expect(within(bar).getByRole("link", { name: /Activity/ })).toHaveAttribute("aria-current", "page");
    expect(within(bar).getByText("2 sources need you")).toBeInTheDocument();
    expect(await axeFindings(bar)).toEqual([]);
  });

  it("shows the worst twelve of many sources, and a way to all", async () => {
    const fake = still();
    const [, , orders, notes] = fake.world.sources;
    for (let number = 0; number < 53; number++) {
      fake.world.sources.unshift({ ...orders!, row: { ...orders!.row, id: `x${number}`, name: `Extra ${number}` } });
    }
    renderApp({ fake, at: "/vaults" });
    const bar = await screen.findByRole("navigation", { name: "Main" });
    expect(await within(bar).findByRole("link", { name: "All 60 sources" })).toBeVisible();
    const named = within(within(bar).getByRole("list")).getAllByRole("link");
    expect(named).toHaveLength(13);
    expect(named[0]).toHaveAccessibleName(`${notes!.row.name} Failed`);
  });

  it("becomes a rail with names for screen readers in a narrow window", async () => {
    renderApp({ width: 900, at: "/vaults" });
    const bar = await screen.findByRole("navigation", { name: "Main" });
    expect(within(bar).getByRole("link", { name: /Snapshots/ })).toBeVisible();
    expect(within(bar).queryByText("Team wiki")).toBeNull();
    expect(await axeFindings(bar)).toEqual([]);
  });

  it("shows the running job, and says aloud how far it is and how it ended", async () => {
    const fake = still();
    renderApp({ fake, at: "/vaults" });
    await act(async () => void (await startJob("backup", { sources: ["Billing"] })));
    const [job] = [fake.jobs.get("job-1")];
    for (let step = 0; step < 14; step++) {
      await act(() => fake.jobs.step(job.id));
    }
    expect(screen.getByRole("link", { name: /Backing up: Billing.*58 %/ })).toHaveAttribute("href", "/activity");
    expect(screen.getByText("Backing up: Billing: 50 %")).toHaveAttribute("aria-live", "polite");
    await act(() => fake.jobs.finish(job.id, apiError("full", "No space left.")));
    expect(screen.getByText("Backing up: Billing: Failed")).toHaveAttribute("aria-live", "assertive");
    expect(screen.queryByRole("link", { name: /Backing up/ })).toBeNull();
  });
});

describe("the keyboard", () => {
  it("goes to places, opens the palette and the list of shortcuts", async () => {
    const { user, where } = renderApp({ at: "/vaults" });
    await screen.findByRole("navigation");
    await user.keyboard("{Control>}3{/Control}");
    expect(where()).toBe("/snapshots");
    await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
    await user.keyboard("?");
    const dialog = await screen.findByRole("dialog", { name: "All shortcuts" });
    expect(within(dialog).getByRole("row", { name: "Ctrl Shift B Back up all sources" })).toBeInTheDocument();
    await user.keyboard("{Control>}1{/Control}");
    expect(where()).toBe("/snapshots");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.keyboard("{Control>}k{/Control}");
    const search = await screen.findByRole("textbox", { name: "Search and commands" });
    await user.type(search, "harb");
    await user.click(await screen.findByRole("button", { name: /Back up Harbour map now/ }));
    expect(where()).toBe("/sources/Harbour%20map");
    expect(await screen.findByRole("link", { name: /Backing up: Harbour map/ })).toBeVisible();
  });

  it("backs everything up with Ctrl Shift B and walks the regions with F6", async () => {
    const { user, fake } = renderApp({ at: "/vaults" });
    const bar = await screen.findByRole("navigation");
    await user.keyboard("{Control>}{Shift>}B{/Shift}{/Control}");
    await waitFor(() =>
      expect(fake.requests("job.start")).toMatchObject([{ command: "backup", request: { all: true } }]),
    );
    await user.keyboard("{F6}");
    expect(bar).toHaveFocus();
    await user.keyboard("{Shift>}{F6}{/Shift}");
    expect(screen.getByRole("main")).toHaveFocus();
  });
});

describe("things the desktop asks for", () => {
  it("opens a bundle that is dropped, and asks about other files", async () => {
    const fake = still().handle({
      "path.inspect": ({ path }) => ({
        path,
        name: "x",
        kind: path.endsWith(".zip") ? "bundle" : "sqlite",
        protect: [],
        protectedBy: [],
      }),
    });
    const { where } = renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation");
    act(() => fake.drag({ type: "enter", paths: ["/tmp/wiki.backstay.zip"] }));
    expect(screen.getByText("Let go to look inside")).toBeVisible();
    expect(screen.getByText("wiki.backstay.zip")).toBeVisible();
    act(() => fake.drag({ type: "leave" }));
    expect(screen.queryByText("Let go to look inside")).toBeNull();
    fake.handle({
      "path.inspect": ({ path }) => ({ path, name: "x", kind: "unknown", bytes: 812e6, protect: [], protectedBy: [] }),
    });
    act(() => fake.drag({ type: "enter", paths: ["/tmp/letter.docx"] }));
    expect(await screen.findByText("Backstay cannot read this file")).toBeVisible();
    expect(screen.getByText("letter.docx · 812 MB")).toBeVisible();
    act(() => fake.drag({ type: "leave" }));
    fake.handle({
      "path.inspect": ({ path }) => ({
        path,
        name: "x",
        kind: path.endsWith(".zip") ? "bundle" : "sqlite",
        protect: [],
        protectedBy: [],
      }),
    });
    act(() => fake.drag({ type: "enter", paths: ["/a", "/b", "/c"] }));
    expect(screen.getByText("3 files: let go to choose")).toBeVisible();
    act(() => fake.drag({ type: "drop", paths: ["/tmp/wiki.backstay.zip"] }));
    await waitFor(() => expect(where()).toBe("/bundle?path=%2Ftmp%2Fwiki.backstay.zip"));
    act(() => fake.emit("open", { paths: ["/tmp/notes.db"] }));
    await waitFor(() => expect(where()).toBe(`/open?paths=${encodeURIComponent('["/tmp/notes.db"]')}`));
    act(() => fake.emit("navigate", { to: "/activity" }));
    await waitFor(() => expect(where()).toBe("/activity"));
  });
});

describe("secrets", () => {
  it("are asked for once, tried again when wrong, and go into the call alone", async () => {
    const fake = still().handle({
      "vault.info": ({ name }, _fake, { password }) => {
        if (password !== "tide") {
          throw apiError("auth", "The password is needed.", { vault: name });
        }
        return { vault: _fake.world.vaults[0]!, snapshots: 3, bytes: 1, packs: 1, keys: 1, locks: [], problems: [] };
      },
    });
    const { user } = renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation");
    let reply: Promise<unknown> = Promise.resolve();
    act(() => {
      reply = call("vault.info", { name: "Office NAS" });
    });
    const dialog = await screen.findByRole("dialog", { name: "Password of Office NAS" });
    expect(await axeFindings(dialog)).toEqual([]);
    await user.type(within(dialog).getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("This password does not open the vault. Nothing was changed.")).toBeVisible();
    await user.type(screen.getByLabelText("Password"), "tide{Enter}");
    await expect(reply).resolves.toMatchObject({ snapshots: 3 });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("reject the call when the person gives up, and are not asked for silently", async () => {
    const fake = still().fail("vault.info", apiError("auth", "The password is needed.", { vault: "Office NAS" }));
    const { user } = renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation");
    await expect(call("vault.info", { name: "Office NAS" }, { silent: true })).rejects.toMatchObject({ code: "auth" });
    const reply = call("vault.info", { name: "Office NAS" }).catch((error) => error.code);
    await screen.findByRole("dialog");
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await reply).toBe("auth");
  });
});

describe("the lock", () => {
  it("hides everything until the passphrase is right", async () => {
    const fake = still();
    announce("Backing up: Team wiki: Complete");
    Object.assign(fake.world, { passphrase: "tide", locked: true });
    const { user } = renderApp({ fake, at: "/vaults" });
    const field = await screen.findByLabelText("Passphrase");
    expect(screen.queryByRole("navigation")).toBeNull();
    expect(fake.title).toBe("Backstay is locked · Backstay");
    // What was said aloud before names what is backed up.
    expect(screen.queryByText(/Team wiki/)).toBeNull();
    expect(await axeFindings()).toEqual([]);
    expect(fake.requests("overview")).toEqual([]);
    await user.type(field, "wrong{Enter}");
    expect(await screen.findByText("This is not the passphrase.")).toBeVisible();
    await user.type(field, "tide{Enter}");
    expect(await screen.findByRole("navigation")).toBeVisible();
  });

  it("keeps what the desktop asked for until then", async () => {
    const fake = still();
    Object.assign(fake.world, { passphrase: "tide", locked: true });
    fake.answers["shell.launch"] = { paths: [], to: "/snapshots", hidden: false, version: "1" };
    const { user, where } = renderApp({ fake, at: "/vaults" });
    const field = await screen.findByLabelText("Passphrase");
    act(() => fake.emit("navigate", { to: "/activity" }));
    expect(where()).toBe("/vaults");
    await user.type(field, "tide{Enter}");
    await waitFor(() => expect(where()).toBe("/activity"));
  });

  it("closes by itself after the minutes without input", async () => {
    const fake = still();
    fake.world.passphrase = "tide";
    vi.useFakeTimers({ shouldAdvanceTime: true });
    renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation");
    await waitFor(() => expect(fake.requests("lock.state").length).toBeGreaterThan(0));
    await act(() => vi.advanceTimersByTimeAsync(16 * 60_000));
    expect(await screen.findByLabelText("Passphrase")).toBeVisible();
  });
});

describe("undo", () => {
  it("asks with the safe button in focus before it undoes the last restore", async () => {
    const fake = still().handle({
      "run.list": () => ({
        runs: [
          {
            id: "r1",
            kind: "restore",
            source: "Orders",
            started: NOW.toISOString(),
            verdict: "complete",
            canUndo: true,
            canResume: false,
          },
        ],
      }),
    });
    const { user, where } = renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation");
    await user.keyboard("{Control>}z{/Control}");
    const dialog = await screen.findByRole("dialog", { name: "Undo the restore of Orders?" });
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Leave it as it is" })).toHaveFocus());
    await user.click(within(dialog).getByRole("button", { name: "Undo this restore" }));
    await waitFor(() => expect(where()).toBe("/restore/job/job-1"));
  });
});

describe("the language", () => {
  it("changes everything at once", async () => {
    const fake = still();
    renderApp({ fake, at: "/vaults" });
    await screen.findByRole("navigation", { name: "Main" });
    await waitFor(() => expect(fake.requests("settings.get")).toHaveLength(1));
    fake.world.settings.language = "de";
    act(() => fake.emit("stale", { topics: ["settings"] }));
    expect(await screen.findByRole("navigation", { name: "Hauptbereiche" })).toBeVisible();
  });
});
