/** Settings › General, in the background: who runs the plans, installing and removing the agent and the look from outside. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { systemOf } from "../platform/fake/agent";
import { axeFindings, NOW, renderApp } from "../test/render";

// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await import("../views/SettingsView");
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open() {
  const drawn = renderApp({ fake, at: "/settings/general" });
  await screen.findByRole("main");
  await page().findByRole("region", { name: "In the background" });
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const real = () => fake.requests("agent.install").filter((request) => !request.dryRun);

describe("who runs the plans", () => {
  it("is this app, with what comes next", async () => {
    await open();
    expect(await page().findByText("This app")).toHaveTextContent("This app since today 08:02");
    expect(page().getByText("Next: backup, today 10:00.")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("is another process, or nobody: then plans stand still", async () => {
    const { status } = systemOf(fake.world);
    Object.assign(status, { here: false, process: "backstay agent (4711)", onBattery: true });
    const first = await open();
    expect(await page().findByText("backstay agent (4711)")).toBeInTheDocument();
    expect(page().getByText(/On battery now\./)).toBeInTheDocument();
    first.unmount();
    Object.assign(status, { running: false, alive: "2026-11-18T03:00:00", since: null });
    await open();
    expect(await page().findByText("Nobody")).toHaveTextContent("Nobody sign of life Wed 18 Nov, 03:00");
    expect(page().getByText(/Plans stand still until/)).toBeInTheDocument();
  });

  it("is an error with a way to try again; the other rows stay", async () => {
    fake.fail("agent.status", apiError("io", "state.db could not be read"));
    const { user } = await open();
    expect(await page().findByText("state.db could not be read")).toBeInTheDocument();
    expect(page().getByRole("switch", { name: "Stay in the tray" })).toBeChecked();
    fake.mend("agent.status");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByText("This app")).toBeInTheDocument();
  });
});

describe("the agent", () => {
  it("is installed after a look at its files, and removed after asking", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Install…" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Install the agent" }));
    expect(await dialog.findByText("These 3 files will be written")).toBeInTheDocument();
    expect(dialog.getByText("/home/mara/.config/systemd/user/backstay-agent.service")).toBeInTheDocument();
    expect(real()).toEqual([]);
    await user.click(dialog.getByRole("radio", { name: "For this computer" }));
    await user.type(dialog.getByLabelText("Runs as"), "backup");
    expect(await dialog.findByText(/User=backup/)).toBeInTheDocument();
    await user.click(dialog.getByRole("radio", { name: "For me" }));
    await user.click(dialog.getByRole("button", { name: "Install the agent" }));
    expect(await page().findByText("The system starts it from now on.")).toBeInTheDocument();
    expect(real()).toEqual([{ system: false }]);
    expect(await page().findByText("Installed, the system starts it.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Remove…" }));
    const question = within(await screen.findByRole("dialog", { name: "Remove the agent?" }));
    await waitFor(() => expect(question.getByRole("button", { name: "Keep it" })).toHaveFocus());
    await user.click(question.getByRole("button", { name: "Remove the agent" }));
    expect(await page().findByText(/It was removed\./)).toBeInTheDocument();
    expect(fake.requests("agent.uninstall")).toEqual([{ system: false }]);
    expect(await page().findByRole("button", { name: "Install…" })).toBeInTheDocument();
  });

  it("asks before it writes over a file somebody edited", async () => {
    systemOf(fake.world).edited = true;
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Install…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Install the agent" }));
    expect(await dialog.findByText(/was edited since/)).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Overwrite what was edited" }));
    expect(await page().findByText("The system starts it from now on.")).toBeInTheDocument();
    expect(real().at(-1)).toEqual({ system: false, force: true });
  });
});

describe("the look from outside", () => {
  it("comes with the agent, and says when it looked last and what it saw", async () => {
    const first = await open();
    expect(await page().findByText("Nobody looks")).toBeInTheDocument();
    first.unmount();
    const { status } = systemOf(fake.world);
    Object.assign(status, { installed: true, enabled: true, watcher: { installed: true, by: "systemdUser" } });
    const second = await open();
    expect(await page().findByText("The system looks")).toBeInTheDocument();
    expect(page().getByText("systemd, for this user. It has not looked yet.")).toBeInTheDocument();
    second.unmount();
    Object.assign(status.watcher, { lastLook: "2026-11-20T09:00:00", saw: "silent" });
    await open();
    expect(
      await page().findByText("systemd, for this user. Last look today 09:00: Backstay did not run."),
    ).toBeInTheDocument();
  });

  it("where there is no systemd, the exact steps are given to copy", async () => {
    systemOf(fake.world).systemd = false;
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Install…" }));
    await user.click(await screen.findByRole("button", { name: "Install the agent" }));
    const steps = await page().findByRole("list", { name: "Not switched on yet. This is left to do:" });
    await user.click(within(steps).getByRole("button", { name: /^Copy: / }));
    expect(await navigator.clipboard.readText()).toContain("backstay agent");
    expect(page().getByText("Nobody looks")).toBeInTheDocument();
  });
});
