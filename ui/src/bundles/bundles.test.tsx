/** Bundles and dropped things, against the fake. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { axeFindings, NOW, render, renderApp } from "../test/render";
import { ExportDialog, safeName } from "./ExportDialog";

/** Lets jobs end as soon as they were started. */
function quick(fake: Fake): Fake {
  const start = fake.jobs.handlers()["job.start"];
  return fake.handle({
    "job.start": async (request, same, options) => {
      const job = await start?.(request, same, options);
      if (!job) {
        throw new Error("the fake starts no jobs");
      }
      setTimeout(() => void same.jobs.finish(job.id), 0);
      return job;
    },
  });
}

const quickFake = () => quick(new Fake({ now: NOW, tick: 0 }));

/** Jobs of the fake take some steps, and machines that test are busy. */
const SLOW = 8000;
configure({ asyncUtilTimeout: SLOW, defaultHidden: true });
const bundle = (path: string) => `/bundle?path=${encodeURIComponent(path)}`;
const dropped = (...paths: string[]) => `/open?paths=${encodeURIComponent(JSON.stringify(paths))}`;
const open = (at: string, fake = quickFake()) => renderApp({ at, fake });

beforeEach(() => localStorage.clear());

describe("a bundle", () => {
  it("tells what is in it, and that its contents were not read yet", async () => {
    open(bundle("/home/mara/product-ops.backstay.zip"));
    const table = await screen.findByRole("table", { name: "Inside" });
    expect(within(table).getByRole("row", { name: /roadmap Table 8\d\d/ })).toBeVisible();
    expect(screen.getByText("Its list of contents is in order.")).toBeVisible();
    expect(screen.queryByText(/all checksums match/)).toBeNull();
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("is read and compared as a job", async () => {
    const { user, fake } = open(bundle("/home/mara/product-ops.backstay.zip"));
    await user.click(await screen.findByRole("button", { name: "Verify it now" }));
    expect(await screen.findByText("Intact: all checksums match.")).toBeVisible();
    expect(fake.jobs.get("job-1").request).toMatchObject({ verify: true });
  });

  it("names what is damaged", async () => {
    open(bundle("/home/mara/product-ops-damaged.zip"));
    expect(await screen.findByText(/^Damaged: 4 of [\d,]+ items do not match\.$/)).toBeVisible();
    expect(screen.getByText("files/Hiring/interview-14.pdf: the checksum differs")).toBeVisible();
    expect(screen.getByRole("button", { name: "Restore…" })).toBeEnabled();
  });

  it("is refused with its reason, and nothing can be done with it", async () => {
    open(bundle("/home/mara/hostile.zip"));
    expect(await screen.findByText("Backstay does not open this bundle.")).toBeVisible();
    expect(screen.getByText(/lies outside of it/)).toBeVisible();
    expect(screen.getByText("Nothing was unpacked and nothing was changed.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Restore…" })).toBeDisabled();
    expect(screen.getByRole("button", { name: "Keep in a vault…" })).toBeDisabled();
    expect(screen.queryByText("What you can do with it")).toBeNull();
  });

  it("of a newer Backstay says so", async () => {
    open(bundle("/home/mara/newer.zip"));
    expect(await screen.findByText("Made by a newer Backstay.")).toBeVisible();
    expect(screen.getByText("Update Backstay, then open the file again.")).toBeVisible();
  });

  it("is one press away from the preview of all of it, in a new place", async () => {
    const path = "/home/mara/product-ops.backstay.zip";
    const { user, fake } = open(bundle(path));
    const button = await screen.findByRole("button", { name: "Restore…" });
    await waitFor(() => expect(button).toBeEnabled());
    await user.click(button);
    expect(await screen.findByRole("heading", { name: "This is what will happen" })).toBeVisible();
    expect(await screen.findByRole("grid", { name: "Steps" })).toBeVisible();
    const started = fake.calls.find(({ name }) => name === "job.start")?.request;
    expect(started).toMatchObject({
      command: "restore.plan",
      request: {
        from: { snapshot: { snapshot: `bundle:${path}` } },
        selection: { only: [] },
        target: { new: expect.stringContaining("/home/mara/Restored") },
      },
    });
  });

  it("is kept in a vault", async () => {
    const { user, fake } = open(bundle("/home/mara/product-ops.backstay.zip"));
    const keep = await screen.findByRole("button", { name: "Keep in a vault…" });
    await waitFor(() => expect(keep).toBeEnabled());
    await user.click(keep);
    const dialog = await screen.findByRole("dialog", { name: "Keep in a vault" });
    await within(dialog).findByRole("combobox", { name: "Vault" });
    await user.click(within(dialog).getByRole("button", { name: "Keep it" }));
    expect(await within(dialog).findByText("Kept in Office NAS.")).toBeVisible();
    expect(fake.jobs.get("job-1").request).toMatchObject({ vault: "Office NAS" });
  });
});

describe("something dropped", () => {
  it("a database offers both ways", async () => {
    open(dropped("/home/mara/some.db"));
    expect(await screen.findByRole("heading", { name: "Protect it" })).toBeVisible();
    const add = screen.getByRole("link", { name: /Add as/ });
    expect(add).toHaveAttribute(
      "href",
      expect.stringContaining("/sources/add?kind=sqlite&path=%2Fhome%2Fmara%2Fsome.db"),
    );
    expect(screen.getByRole("heading", { name: "Restore a backup beside it" })).toBeVisible();
    expect(await screen.findByRole("link", { name: "Choose the backup…" })).toHaveAttribute(
      "href",
      expect.stringMatching(/restore\?source=.*&to=%2Fhome%2Fmara%2F/),
    );
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("a place that is protected can be brought back", async () => {
    open(dropped("/home/mara/Wiki"));
    expect(await screen.findByRole("heading", { name: "Team wiki protects it" })).toBeVisible();
    expect(await screen.findByRole("link", { name: "Restore Team wiki…" })).toHaveAttribute(
      "href",
      expect.stringContaining("/restore?source=Team%20wiki&target=inPlace"),
    );
  });

  it("a bundle opens as one, a plan in the wizard", async () => {
    const one = open(dropped("/home/mara/product-ops.backstay.zip"));
    await waitFor(() => expect(one.where()).toMatch(/^\/bundle/));
    one.unmount();
    const other = open(dropped("/home/mara/monday.plan"));
    await waitFor(() => expect(other.where()).toMatch(/^\/restore\?plan=/));
  });

  it("a vault is added", async () => {
    open(dropped("/media/vault"));
    expect(await screen.findByRole("link", { name: "Add this vault…" })).toHaveAttribute(
      "href",
      expect.stringContaining("/vaults/add?open="),
    );
  });

  it("anything else is named with what Backstay reads", async () => {
    open(dropped("/home/mara/letter.docx"));
    expect(await screen.findByText("Backstay cannot read letter.docx.")).toBeVisible();
    expect(screen.getByText(/Backstay cannot read \.docx\. It reads/)).toBeVisible();
  });

  it("several are chosen from", async () => {
    const { user } = open(dropped("/home/mara/letter.docx", "/home/mara/some.db"));
    expect(await screen.findByRole("heading", { name: "2 files: choose one" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: /some\.db/ }));
    expect(await screen.findByRole("heading", { name: "Protect it" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Choose another" }));
    expect(screen.getByRole("heading", { name: "2 files: choose one" })).toBeVisible();
  });
});

describe("exporting", () => {
  const dialog = (fake: Fake) =>
    render(
      <ExportDialog
        opened
        onClose={() => {}}
        at={{ snapshot: "abc", vault: "Office NAS" }}
        only={["roadmap/1"]}
        subject="Product ops, 19 November 2026"
        name="Product ops / 2026"
        records={1}
      />,
      { fake },
    );

  it("writes a ZIP where the person says and shows where it lies", async () => {
    const fake = quickFake();
    const { user } = dialog(fake);
    await user.click(await screen.findByRole("button", { name: "Choose…" }));
    expect(fake.shellCalls.at(-1)?.request).toMatchObject({ suggested: "Product-ops-2026.backstay.zip" });
    await user.click(screen.getByRole("button", { name: "Export" }));
    expect(await screen.findByText("Exported.")).toBeVisible();
    expect(fake.jobs.get("job-1").request).toEqual({
      at: { snapshot: "abc", vault: "Office NAS" },
      to: "/home/mara/saved",
      format: "zip",
      only: ["roadmap/1"],
    });
  });

  it("asks before it replaces something", async () => {
    const fake = quickFake();
    fake.fail("bundle.export", apiError("refused", "There is something at /home/mara/saved."), 1);
    const { user } = dialog(fake);
    await user.click(await screen.findByRole("button", { name: "Choose…" }));
    await user.click(screen.getByRole("button", { name: "Export" }));
    await user.click(await screen.findByRole("button", { name: "Replace what is there…" }));
    await user.click(await screen.findByRole("button", { name: "Replace it" }));
    expect(await screen.findByText("Exported.")).toBeVisible();
    expect(fake.jobs.get("job-2").request).toMatchObject({ overwrite: true });
  });

  it("suggests names that every system takes", () => {
    expect(safeName("Team wiki: 21:00 / “x”?")).toBe("Team-wiki-21-00-“x”");
    expect(safeName("///")).toBe("backup");
  });
});

describe("a file of another program", () => {
  /** With the servers it could go into. */
  const couchFake = () => quick(new Fake({ now: NOW, tick: 0, couch: true }));

  it("is read as a job when it is dropped, then says what it is and what it holds", async () => {
    const fake = new Fake({ now: NOW, tick: 0, couch: true });
    const { where } = open(dropped("/home/mara/berths.couchbackup.txt"), fake);
    await waitFor(() => expect(where()).toMatch(/^\/bundle/));
    expect(await screen.findByText("Reading the file")).toBeVisible();
    expect(await screen.findByRole("button", { name: /Cancel/ })).toBeVisible();
    await fake.jobs.finish("job-1");
    expect(await screen.findByText("Read to its end: nothing is missing.")).toBeVisible();
    expect(screen.getByText("Written by couchbackup 2.11.12, all versions of every document.")).toBeVisible();
    expect(screen.getByText(/couchbackup file, for CouchDB/)).toBeVisible();
    expect(screen.getByRole("row", { name: /^berths Documents 4\d\d/ })).toBeVisible();
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("whose reading was stopped waits to be read again", async () => {
    const fake = new Fake({ now: NOW, tick: 0, couch: true });
    open(bundle("/home/mara/berths.couchbackup.txt"), fake);
    await screen.findByText("Reading the file");
    await fake.jobs.finish("job-1", apiError("cancelled", "Cancelled."));
    expect(await screen.findByText("The reading was stopped.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Restore…" })).toBeDisabled();
    expect(fake.requests("job.start")).toHaveLength(1);
  });

  it("names what is missing from it", async () => {
    open(bundle("/home/mara/stubs.couchbackup.txt"), couchFake());
    expect(await screen.findByText("2 things are missing from this file.")).toBeVisible();
    expect(screen.getByText("berths/berth:0000001/berth plan.svg")).toBeVisible();
    expect(screen.queryByText("Read to its end: nothing is missing.")).toBeNull();
    expect(screen.getByRole("button", { name: "Restore…" })).toBeEnabled();
  });

  it("that is broken is refused with the line and what to do", async () => {
    open(bundle("/home/mara/broken.couchbackup.txt"), couchFake());
    expect(await screen.findByText("This file cannot be read as couchbackup file.")).toBeVisible();
    expect(screen.getByText(/Line 412 of the file is no JSON/)).toBeVisible();
    expect(screen.getByText(/couchbackup --resume completes it/)).toBeVisible();
    expect(screen.getByText("Nothing was restored, and the file was not changed.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Restore…" })).toBeDisabled();
  });

  it("goes into a server and a database that are chosen", async () => {
    const { user, fake } = open(bundle("/home/mara/harbour.docs.ndjson"), couchFake());
    const restore = await screen.findByRole("button", { name: "Restore…" });
    await waitFor(() => expect(restore).toBeEnabled());
    await user.click(restore);
    await screen.findByRole("heading", { level: 2, name: "Where should it go?" });
    expect(await screen.findByRole("combobox", { name: "Server" })).toHaveValue("Harbour registry");
    const name = await screen.findByRole("textbox", { name: "Name" });
    expect(name).toHaveValue("berths-restored");
    await user.clear(name);
    await user.type(name, "berths-2026");
    await user.click(screen.getByRole("button", { name: "Make the preview" }));
    expect(await screen.findByRole("grid", { name: "Steps" })).toBeVisible();
    const plan = fake.requests("job.start").find(({ command }) => command === "restore.plan");
    expect(plan?.request).toMatchObject({
      from: { snapshot: { snapshot: "bundle:/home/mara/harbour.docs.ndjson" } },
      target: { source: { source: "Harbour registry", place: "berths-2026" } },
    });
  });

  it("is kept as a point in time of the source it belongs to", async () => {
    const { user, fake } = open(bundle("/home/mara/berths.couchbackup.txt"), couchFake());
    const keep = await screen.findByRole("button", { name: "Keep in a vault…" });
    await waitFor(() => expect(keep).toBeEnabled());
    await user.click(keep);
    const dialog = await screen.findByRole("dialog", { name: "Keep in a vault" });
    await user.click(await within(dialog).findByRole("combobox", { name: "As a point in time of" }));
    await user.click(await screen.findByRole("option", { name: "Harbour registry" }));
    await user.click(within(dialog).getByRole("button", { name: "Keep it" }));
    expect(await within(dialog).findByText("Kept in Office NAS.")).toBeVisible();
    expect(fake.requests("job.start").at(-1)?.request).toMatchObject({ source: "Harbour registry" });
  });
});

describe("exporting documents", () => {
  const dialog = (only: string[]) => {
    const fake = quick(new Fake({ now: NOW, tick: 0, couch: true }));
    const source = fake.world.sources.find(({ row }) => row.name === "Harbour registry");
    const at = { snapshot: source?.points.at(-1)?.snapshot ?? "", vault: "Office NAS" };
    const props = { opened: true, onClose: () => {}, at, only, subject: "Harbour registry", name: "Harbour" };
    return render(<ExportDialog {...props} />, { fake });
  };

  it("offers what other programs read, and asks about attachments", async () => {
    const { user, fake } = dialog(["berths"]);
    await user.click(await screen.findByRole("radio", { name: "couchbackup" }));
    expect(screen.getByText(/all versions of all documents/)).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /^Left out/ }));
    await user.click(screen.getByRole("button", { name: "Choose…" }));
    expect(fake.shellCalls.at(-1)?.request).toMatchObject({ suggested: "Harbour.txt" });
    await user.click(screen.getByRole("button", { name: "Export" }));
    expect(await screen.findByText("Exported.")).toBeVisible();
    expect(fake.jobs.get("job-1").request).toMatchObject({
      foreign: { format: "couchbackup", attachments: false, withoutAttachments: true },
    });
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("makes a folder of several databases", async () => {
    const { user, fake } = dialog([]);
    await user.click(await screen.findByRole("radio", { name: "NDJSON" }));
    expect(screen.getByText("Several databases become a folder with one file each.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Choose…" }));
    expect(fake.shellCalls.at(-1)?.request).toMatchObject({ suggested: "Harbour" });
  });
});
