/** Vaults: the list, one vault's page, keys, recovery kit, damage, locks, adding and opening. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Fake } from "../platform/fake";
import { vaultState } from "../platform/fake/vaults";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { asWords } from "./OpenVaultForm";
import { randomPassword } from "./randomPassword";
import { liesIn, mountOf, placeWarning } from "./words";

configure({ asyncUtilTimeout: 5000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/VaultsView"), import("../views/VaultView"), import("../views/AddVaultView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});
/** The window at an address, once its frame stands. */
async function open(settings: RenderSettings) {
  const drawn = renderApp(settings);
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const running = () => fake.requests("job.start").length;

describe("places", () => {
  it("are told apart by what they hang on", () => {
    expect(mountOf("/home/mara/x")).toBe(mountOf("/srv/y"));
    expect(mountOf("/media/mara/BLUE/x")).not.toBe(mountOf("/media/mara/RED/x"));
    expect(mountOf("C:\\a")).not.toBe(mountOf("D:\\a"));
    expect(placeWarning("/home/mara/backups", "/home/mara/Letters")).toBe("sameDisk");
    expect(placeWarning("/home/mara/Letters/vault", "/home/mara/Letters/")).toBe("inside");
    expect(placeWarning("/media/mara/BLUE/vault", "/home/mara/Letters")).toBeUndefined();
    expect(placeWarning("sftp:nas:/vault", "/home/mara/Letters")).toBeUndefined();
    expect(placeWarning("/mnt/a/vault", "/home/mara/x", { path: "7", protects: "7" })).toBe("sameDisk");
    expect(placeWarning("/home/other/vault", "/home/mara/x", { path: "7", protects: "8" })).toBeUndefined();
    expect(liesIn("/home/mara/Letters2", "/home/mara/Letters")).toBe(false);
  });

  it("get passwords that differ", () => {
    expect(randomPassword()).toMatch(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
    expect(randomPassword()).not.toBe(randomPassword());
  });

  it("take words as they are copied from paper", () => {
    expect(asWords(" 1. Harbour\n2 copper,  3) VIOLIN ")).toBe("harbour copper violin");
  });
});

describe("the list of vaults", () => {
  it("shows state, kit, and in how many places sources lie", async () => {
    await open({ fake, at: "/vaults" });
    const row = (await page().findByRole("link", { name: "Office NAS" })).closest("tr") as HTMLElement;
    expect(row).toHaveTextContent("In order");
    expect(row).toHaveTextContent("Read in full 3 days ago");
    expect(row).toHaveTextContent("Tested 3 Oct");
    const usb = page().getByRole("link", { name: "Blue USB disk" }).closest("tr") as HTMLElement;
    expect(usb).toHaveTextContent("Not reachable");
    expect(usb).toHaveTextContent("None yet");
    expect(page().getAllByText("one place only")).toHaveLength(7);
    expect(await axeFindings()).toEqual([]);
  });

  it("is empty with a way on", async () => {
    await open({ fake: new Fake({ now: NOW, empty: true }), at: "/vaults" });
    expect(await page().findByText("No vault yet")).toBeInTheDocument();
    expect(page().getByRole("link", { name: "New vault" })).toHaveAttribute("href", "/vaults/add");
  });
});

describe("a vault", () => {
  it("says what it holds, when it was read, and who may open it", async () => {
    await open({ fake, at: "/vaults/Office%20NAS" });
    expect(await page().findByText("23.4 GB")).toBeInTheDocument();
    expect(await page().findByText("23.4 GB read, 0 errors")).toBeInTheDocument();
    const keys = page().getByRole("region", { name: "Keys" });
    expect(await within(keys).findByText("Recovery kit")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("is checked in full as a job, and damage is named by what it hits", async () => {
    vaultState(fake.world, "Office NAS").damage = [
      {
        problem: "damagedBlob",
        message: "pack 41c2 has 3 damaged blobs",
        harmless: false,
        affects: ["Orders 14 Nov: files/orders.db"],
      },
    ];
    const { user } = await open({ fake, at: "/vaults/Office%20NAS" });
    await user.click(await page().findByRole("button", { name: "Check now" }));
    await user.click(await screen.findByRole("menuitem", { name: /Read everything/ }));
    await page().findByRole("region", { name: /Checking/ });
    expect(fake.requests("job.start")).toEqual([
      { command: "vault.verify", request: { vault: "Office NAS", readData: 100 } },
    ]);
    await fake.jobs.finish("job-1");
    expect(await page().findByText("1 problem was found")).toBeInTheDocument();
    expect(page().getByText("pack 41c2 has 3 damaged blobs")).toBeInTheDocument();
    expect(page().getByText("Orders 14 Nov: files/orders.db")).toBeInTheDocument();

    // Repair: first what would be done, and only then the button that does it.
    await user.click(page().getByRole("button", { name: "Repair…" }));
    const dialog = await screen.findByRole("dialog", { name: "Repair Office NAS" });
    await waitFor(() => expect(running()).toBe(2));
    expect(within(dialog).queryByRole("button", { name: "Repair" })).toBeNull();
    await fake.jobs.finish("job-2");
    expect(await within(dialog).findByText("This would be done")).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Repair" }));
    await waitFor(() => expect(running()).toBe(3));
    expect(fake.requests("job.start").map(({ request }) => (request as { dryRun?: boolean }).dryRun)).toEqual([
      undefined,
      true,
      false,
    ]);
    await fake.jobs.finish("job-3");
    expect(await within(dialog).findByText("This was done")).toBeInTheDocument();
  });

  it("frees space after showing how much", async () => {
    const { user } = await open({ fake, at: "/vaults/Office%20NAS" });
    await user.click(await page().findByRole("button", { name: "More for Office NAS" }));
    await user.click(await screen.findByRole("menuitem", { name: "Free space…" }));
    const dialog = await screen.findByRole("dialog", { name: "Free space in Office NAS" });
    await waitFor(() => expect(running()).toBe(1));
    await fake.jobs.finish("job-1");
    await user.click(await within(dialog).findByRole("button", { name: "Free 310 MB" }));
    await waitFor(() => expect(running()).toBe(2));
    await fake.jobs.finish("job-2");
    expect(await within(dialog).findByText("310 MB are free now")).toBeInTheDocument();
  });

  it("makes a recovery kit that counts only when the right words come back", async () => {
    const { user } = await open({ fake, at: "/vaults/Archive%202024" });
    await user.click(await page().findByRole("button", { name: "Make a recovery kit…" }));
    const dialog = await screen.findByRole("dialog", { name: "Recovery kit for Archive 2024" });
    expect(await within(dialog).findByText("harbour")).toBeInTheDocument();
    expect(await axeFindings(dialog)).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Print" }));
    await waitFor(() => expect(fake.shellCalls.some((call) => call.name === "shell.print")).toBe(true));
    const done = within(dialog).getByRole("button", { name: "Done" });
    expect(done).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox", { name: "Word 2" }), "copper");
    await user.type(within(dialog).getByRole("textbox", { name: "Word 4" }), "Lantern ");
    expect(within(dialog).queryByText("harbour")).toBeNull();
    await user.type(within(dialog).getByRole("textbox", { name: "Word 11" }), "wrong");
    await user.click(done);
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("These are not the words of the kit.");
    await user.clear(within(dialog).getByRole("textbox", { name: "Word 11" }));
    await user.type(within(dialog).getByRole("textbox", { name: "Word 11" }), "meadow{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(vaultState(fake.world, "Archive 2024").kit.confirmed).toBeTruthy();
    expect(fake.requests("kit.cancel")).toEqual([]);
    expect(await page().findByText(/^Tested/)).toBeInTheDocument();
  });

  it("takes a kit back that was put off", async () => {
    const { user } = await open({ fake, at: "/vaults/Archive%202024" });
    await user.click(await page().findByRole("button", { name: "Make a recovery kit…" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(await within(dialog).findByRole("button", { name: "Later" }));
    await waitFor(() => expect(fake.requests("kit.cancel")).toHaveLength(1));
    expect(page().getByText("None yet")).toBeInTheDocument();
  });

  it("changes the password only with the old one", async () => {
    const { user } = await open({ fake, at: "/vaults/Archive%202024" });
    await user.click(await page().findByRole("button", { name: /^More for the key mara/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Change password…" }));
    const dialog = await screen.findByRole("dialog", { name: "Change the password of Archive 2024" });
    await user.type(within(dialog).getByLabelText(/Password so far/), "wrong");
    await user.type(within(dialog).getByLabelText(/^New password/), "new horse");
    await user.type(within(dialog).getByLabelText(/once more/), "new horse");
    await user.click(within(dialog).getByRole("button", { name: "Change password" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("This password does not open the vault.");
    await user.clear(within(dialog).getByLabelText(/Password so far/));
    await user.type(within(dialog).getByLabelText(/Password so far/), "correct horse");
    await user.click(within(dialog).getByRole("button", { name: "Change password" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(vaultState(fake.world, "Archive 2024").password).toBe("new horse");
  });

  it("says in words who holds it, and removes dead locks after a question", async () => {
    vaultState(fake.world, "Office NAS").locks = [
      "restic on couch-01, since 09:12, pid 4711",
      "backstay on mara-t14, alive",
    ];
    const { user } = await open({ fake, at: "/vaults/Office%20NAS" });
    expect(await page().findByText("2 other programs work on this vault")).toBeInTheDocument();
    expect(page().getByText(/couch-01/)).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Remove dead locks…" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Remove dead locks" }));
    expect(await page().findByText(/1 lock removed\./)).toHaveTextContent("Still in use: backstay on mara-t14, alive");
  });

  it("that cannot be reached says that nothing is lost", async () => {
    await open({ fake, at: "/vaults/Blue%20USB%20disk" });
    expect(await page().findByText("This vault cannot be reached now")).toBeInTheDocument();
    expect(page().getByText(/What is in it is not touched/)).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Check now" })).toBeDisabled();
    expect(fake.requests("vault.info")).toEqual([]);
  });

  it("that asks for its password is opened from the page", async () => {
    fake.world.vaults[2]!.remembered = false;
    const { user } = await open({ fake, at: "/vaults/Archive%202024" });
    await user.click(await page().findByRole("button", { name: "Open it…" }));
    expect(await screen.findByRole("dialog", { name: "Password of Archive 2024" })).toBeInTheDocument();
  });

  it("leaves the list but not the disk", async () => {
    const { user, where } = await open({ fake, at: "/vaults/Archive%202024" });
    await user.click(await page().findByRole("button", { name: "More for Archive 2024" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove from the list…" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog).toHaveTextContent("All backups in it stay where they are, in /mnt/archive/2024.");
    await user.click(within(dialog).getByRole("button", { name: "Remove from the list" }));
    await waitFor(() => expect(where()).toBe("/vaults"));
  });
});

describe("adding a vault", () => {
  it("makes one, and offers the recovery kit at once", async () => {
    const { user, where } = await open({ fake, at: "/vaults/add" });
    fake.handle({
      "path.inspect": ({ path }) => ({
        path,
        name: "",
        kind: "missing",
        protect: [],
        protectedBy: [],
        free: 64e9,
        disk: "7",
      }),
    });
    await user.type(await page().findByRole("textbox", { name: /^Folder/ }), "/media/mara/RED/vault");
    expect(await page().findByText("64.0 GB free on its disk")).toBeInTheDocument();
    expect(page().getByRole("textbox", { name: /^Name/ })).toHaveValue("vault");
    await user.clear(page().getByRole("textbox", { name: /^Name/ }));
    await user.type(page().getByRole("textbox", { name: /^Name/ }), "Office NAS");
    expect(page().getByText("There is a vault “Office NAS” already.")).toBeInTheDocument();
    await user.clear(page().getByRole("textbox", { name: /^Name/ }));
    await user.type(page().getByRole("textbox", { name: /^Name/ }), "Red disk");
    await user.type(page().getByLabelText(/^Password of the vault/), "correct horse");
    expect(page().getByRole("button", { name: "Make the vault" })).toBeDisabled();
    await user.type(page().getByLabelText(/once more/), "correct horse");
    await user.click(page().getByRole("button", { name: "Make the vault" }));
    const dialog = await screen.findByRole("dialog", { name: "Recovery kit for Red disk" });
    const made = fake.calls.find((call) => call.name === "vault.create");
    expect(made?.request).toEqual({ name: "Red disk", path: "/media/mara/RED/vault", remember: true });
    expect(made?.options.newPassword).toBe("correct horse");
    await user.click(await within(dialog).findByRole("button", { name: "Later" }));
    await waitFor(() => expect(where()).toBe("/vaults/Red%20disk"));
    expect(await page().findByText("None yet")).toBeInTheDocument();
  });

  it("opens an old one by the words of its kit", async () => {
    const { user } = await open({ fake, at: "/vaults/add?open=" });
    await user.type(await page().findByRole("textbox", { name: /^Place of the vault/ }), "/media/mara/OLD");
    await user.type(page().getByLabelText(/^Password/, { selector: "input[type=password]" }), "wrong");
    await user.click(page().getByRole("button", { name: "Open the vault" }));
    expect(await page().findByRole("alert")).toHaveTextContent("This password does not open the vault.");
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.click(page().getByRole("radio", { name: "Words of a recovery kit" }));
    const words = "Harbour copper violin lantern winter pebble orchard signal tunnel ribbon meadow anchor";
    await user.type(page().getByRole("textbox", { name: /^The words, in order/ }), words);
    await user.click(page().getByRole("button", { name: "Open the vault" }));
    expect(await page().findByText("OLD is open")).toBeInTheDocument();
    expect(fake.calls.findLast((call) => call.name === "vault.add")?.options.password).toBe(words.toLowerCase());
    expect(await axeFindings()).toEqual([]);
  });
});
