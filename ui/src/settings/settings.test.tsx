/** Settings: every change counts at once, goes back when it is not kept, and every section works. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { withoutKeychain } from "../platform/fake/settings";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { appearance } from "../theme/appearance";

// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await import("../views/SettingsView");
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open(section: string, settings: RenderSettings = {}) {
  const drawn = renderApp({ fake, at: `/settings/${section}`, ...settings });
  await screen.findByRole("heading", { name: "Settings" });
  return drawn;
}
const page = () => within(screen.getByRole("main"));

describe("every section", () => {
  it.each(["general", "appearance", "notifications", "security", "storage", "cli", "move", "about"])(
    "%s is named in the list, and axe finds nothing wrong",
    async (section) => {
      await open(section);
      await waitFor(() => expect(page().queryAllByRole("region").length).toBeGreaterThan(0));
      expect(page().getByRole("link", { current: "page" })).toHaveAttribute("href", `/settings/${section}`);
      expect(await axeFindings()).toEqual([]);
    },
  );

  it("is an error with a way to try again when the settings cannot be read", async () => {
    fake.fail("settings.get", apiError("damaged", "settings.json cannot be understood"));
    const { user } = await open("general");
    expect(await page().findByText("settings.json cannot be understood")).toBeInTheDocument();
    fake.mend("settings.get");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("switch", { name: "Stay in the tray" })).toBeChecked();
  });
});

describe("a change", () => {
  it("counts at once", async () => {
    fake.delay("settings.set", 400);
    const { user } = await open("appearance");
    const safe = await page().findByRole("switch", { name: "State colours for colour-blind eyes" });
    await user.click(safe);
    expect(safe).toBeChecked();
    expect(appearance().colourBlind).toBe(true);
    await waitFor(() => expect(fake.world.settings.colourBlind).toBe(true));
  });

  it("goes back and says why when it is not kept", async () => {
    fake.fail("settings.set", apiError("full", "there is no space left on the disk"), 1);
    const { user } = await open("notifications");
    const partial = await page().findByRole("switch", { name: "A backup is partial" });
    expect(partial).toBeChecked();
    await user.click(partial);
    expect(await page().findByText("This change was not kept.")).toBeInTheDocument();
    expect(page().getByText("there is no space left on the disk")).toBeInTheDocument();
    expect(partial).toBeChecked();
    await user.click(partial);
    await waitFor(() => expect(fake.world.settings.notifyPartial).toBe(false));
    expect(page().queryByText("This change was not kept.")).toBeNull();
  });

  it("keeps what was chosen meanwhile", async () => {
    fake.delay("settings.set", 150);
    fake.fail("settings.set", apiError("io", "not written"), 1);
    const { user } = await open("notifications");
    await user.click(await page().findByRole("switch", { name: "A run failed" }));
    await user.click(page().getByRole("switch", { name: "A backup is complete" }));
    await waitFor(() => expect(fake.world.settings.notifyComplete).toBe(true));
    await waitFor(() => expect(page().getByRole("switch", { name: "A run failed" })).toBeChecked());
    expect(fake.world.settings.notifyFailed).toBe(true);
    expect(page().getByRole("switch", { name: "A backup is complete" })).toBeChecked();
  });
});

describe("general and appearance", () => {
  it("change the language of the window", async () => {
    const { user } = await open("general");
    await user.click(await page().findByRole("combobox", { name: "Language" }));
    await user.click(await screen.findByRole("option", { name: "Deutsch" }));
    expect(await screen.findByRole("heading", { name: "Einstellungen" })).toBeInTheDocument();
    expect(fake.world.settings.language).toBe("de");
  });

  it("start at login, or say why not", async () => {
    const { user } = await open("general");
    const login = await page().findByRole("switch", { name: "Start at login" });
    await waitFor(() => expect(login).toBeEnabled());
    await user.click(login);
    await waitFor(() => expect(fake.shellCalls).toContainEqual({ name: "shell.autostart", request: { set: true } }));
    expect(login).toBeChecked();
    fake.shell = async () => {
      throw apiError("io", "start at login could not be changed");
    };
    await user.click(login);
    expect(await page().findByText("start at login could not be changed")).toBeInTheDocument();
    expect(login).toBeChecked();
  });

  it("change light and dark, and the size of everything by slider and keys", async () => {
    const { user } = await open("appearance");
    await user.click(await page().findByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(fake.world.settings.scheme).toBe("dark"));
    const size = page().getByRole("slider", { name: "Size of everything" });
    size.focus();
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(fake.world.settings.zoom).toBe(105));
    expect(document.documentElement.style.fontSize).toBe("105%");
    await user.keyboard("{Control>}+{/Control}");
    await waitFor(() => expect(fake.world.settings.zoom).toBe(110));
    await user.keyboard("{Control>}-{/Control}");
    await waitFor(() => expect(fake.world.settings.zoom).toBe(100));
    expect(await page().findByText("Size of everything: 100 %")).toBeInTheDocument();
  });
});

describe("notifications", () => {
  it("are tried out, with the result in the page", async () => {
    const { user } = await open("notifications");
    await user.click(await page().findByRole("button", { name: "Send a test" }));
    expect(await page().findByText(/^Sent\. If nothing appeared/)).toBeInTheDocument();
    fake.shell = async () => {
      throw apiError("unreachable", "this desktop shows no notifications");
    };
    await user.click(page().getByRole("button", { name: "Send a test" }));
    expect(await page().findByText("this desktop shows no notifications")).toBeInTheDocument();
    expect(page().queryByText(/^Sent/)).toBeNull();
  });
});

describe("the app lock", () => {
  it("is set, chooses what it protects, and locks", async () => {
    const { user } = await open("security");
    expect(await page().findByRole("checkbox", { name: "Deleting" })).toBeDisabled();
    await user.click(page().getByRole("button", { name: "Set a passphrase…" }));
    const dialog = await screen.findByRole("dialog", { name: "Set a passphrase" });
    const button = within(dialog).getByRole("button", { name: "Set this passphrase" });
    await waitFor(() => expect(within(dialog).getByLabelText("New passphrase")).toHaveFocus());
    await user.type(within(dialog).getByLabelText("New passphrase"), "open sesame");
    await user.type(within(dialog).getByLabelText("Type it once more"), "open");
    expect(button).toBeDisabled();
    await user.type(within(dialog).getByLabelText("Type it once more"), " sesame");
    await user.click(button);
    await waitFor(() => expect(fake.requests("lock.set")).toEqual([{ new: "open sesame" }]));
    await waitFor(() => expect(page().getByRole("checkbox", { name: "Deleting" })).toBeEnabled());
    await user.click(page().getByRole("checkbox", { name: "Deleting" }));
    await waitFor(() => expect(fake.world.settings.lock.deleting).toBe(false));
    await user.click(page().getByRole("button", { name: "Lock" }));
    expect(await screen.findByRole("heading", { name: "Backstay is locked" })).toBeInTheDocument();
  });

  it("is changed and removed with the passphrase so far only", async () => {
    fake.world.passphrase = "old";
    const { user } = await open("security");
    await user.click(await page().findByRole("button", { name: "Remove…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove the passphrase?" });
    await user.type(within(dialog).getByLabelText("Passphrase now"), "wrong");
    await user.click(within(dialog).getByRole("button", { name: "Remove the passphrase" }));
    expect(await within(dialog).findByText("This is not the passphrase.")).toBeInTheDocument();
    await user.clear(within(dialog).getByLabelText("Passphrase now"));
    await user.type(within(dialog).getByLabelText("Passphrase now"), "old");
    await user.click(within(dialog).getByRole("button", { name: "Remove the passphrase" }));
    expect(await page().findByRole("button", { name: "Set a passphrase…" })).toBeInTheDocument();
    expect(fake.world.passphrase).toBeNull();
  });

  it("says what to do where there is no keychain", async () => {
    withoutKeychain.add(fake.world);
    await open("security");
    expect(await page().findByText("This system has no keychain that answers.")).toBeInTheDocument();
    expect(page().getByText(/BACKSTAY_SECRETS_KEY_FILE/)).toBeInTheDocument();
    expect(page().getByText(/the keychain did not answer/)).toBeInTheDocument();
  });
});

describe("storage, command line, moving", () => {
  it("empties the cache, bounds it, and shows the folder", async () => {
    const { user } = await open("storage");
    expect(await page().findByText("184 MB used")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Empty the cache" }));
    expect(await page().findByText("0 B used")).toBeInTheDocument();
    await user.click(page().getByRole("combobox", { name: "At most" }));
    await user.click(await screen.findByRole("option", { name: "2.1 GB" }));
    await waitFor(() => expect(fake.world.settings.cacheLimit).toBe(2048 * 1024 * 1024));
    await user.click(await page().findByRole("button", { name: "Show in the file manager" }));
    expect(fake.shellCalls.at(-1)).toEqual({
      name: "shell.reveal",
      request: { path: "/home/mara/.local/share/backstay" },
    });
  });

  it("names the program for the terminal, or says that it is not there", async () => {
    const { unmount } = await open("cli");
    expect(await page().findByText("/usr/bin/backstay")).toBeInTheDocument();
    unmount();
    fake.answers["shell.commandLine"] = null;
    await open("cli");
    expect(await page().findByText("The program for the terminal is not beside this window.")).toBeInTheDocument();
  });

  it("shows what an import would bring before it brings it", async () => {
    fake.answers["shell.pickFile"] = "/home/mara/settings.json";
    const { user } = await open("move");
    await user.click(await page().findByRole("button", { name: "Import…" }));
    const preview = await page().findByRole("region", { name: "This is what would come" });
    for (const words of [
      "Old letters",
      "Cellar disk",
      "1 plan",
      "Nightly",
      "Team wiki",
      "Old letters: token",
      "3 are here already",
    ]) {
      expect(within(preview).getByText(words)).toBeInTheDocument();
    }
    expect(fake.requests("settings.import")).toEqual([{ path: "/home/mara/settings.json", dryRun: true }]);
    await user.click(within(preview).getByRole("button", { name: "Take this over" }));
    expect(await page().findByText("The settings were taken over.")).toBeInTheDocument();
    expect(fake.requests("settings.import").at(-1)).toEqual({ path: "/home/mara/settings.json", dryRun: false });
  });

  it("refuses what is no settings file, and exports", async () => {
    fake.answers["shell.pickFile"] = "/home/mara/photo.png";
    const { user } = await open("move");
    await user.click(await page().findByRole("button", { name: "Import…" }));
    expect(await page().findByText("These settings were not taken over.")).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Export…" }));
    expect(await page().findByText("The settings were written.")).toBeInTheDocument();
    expect(fake.requests("settings.export")).toEqual([{ path: "/home/mara/saved" }]);
  });
});
