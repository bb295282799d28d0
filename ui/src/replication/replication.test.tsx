/** Replications of a server: what runs, stopping it, and starting a new one. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { axeFindings, NOW, renderApp } from "../test/render";

configure({ asyncUtilTimeout: 5000 });
beforeAll(async () => {
  await import("../views/SourceView");
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0, couch: true });
});

const page = () => within(screen.getByRole("main"));

async function open(source = "Harbour registry") {
  const drawn = renderApp({ fake, at: `/sources/${encodeURIComponent(source)}?tab=replication` });
  await screen.findByRole("main");
  return drawn;
}

describe("replications", () => {
  it("are shown with what they do, and can be stopped, resumed and removed", async () => {
    const { user } = await open();
    expect(await page().findByText("Harbour registry/berths → Standby registry/berths")).toBeInTheDocument();
    expect(page().getByText(/Up to date · 18,204 revisions written/)).toBeInTheDocument();
    expect(page().getByText("unauthorized: Name or password is incorrect.")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getAllByRole("button", { name: "Stop" })[0] as HTMLElement);
    await user.click(await page().findByRole("button", { name: "Go on" }));
    expect(fake.requests("replication.resume")).toEqual([{ id: "follow-berths" }]);
    await waitFor(() => expect(page().getAllByRole("button", { name: "Stop" })).toHaveLength(2));
    await user.click(page().getAllByRole("button", { name: "Stop" })[0] as HTMLElement);
    await user.click(await page().findByRole("button", { name: "Remove" }));
    await waitFor(() => expect(page().queryByText(/→ Standby registry/)).toBeNull());
    await user.click(page().getByRole("button", { name: "Stop" }));
    expect(fake.requests("replication.stop").at(-1)).toEqual({ id: "to-archive", source: "Harbour registry" });
  });

  it("begin in a dialog that lets nothing senseless through", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Replicate…" }));
    const dialog = within(await screen.findByRole("dialog"));
    const start = () => dialog.getByRole("button", { name: "Replicate" });
    expect(start()).toBeDisabled();
    await user.type(dialog.getByRole("combobox", { name: /^From database/ }), "berths");
    expect(dialog.getByText("That is the same database.")).toBeInTheDocument();
    expect(start()).toBeDisabled();
    await user.click(dialog.getByRole("combobox", { name: "To server" }));
    await user.click(await screen.findByRole("option", { name: "Standby registry" }));
    expect(start()).toBeEnabled();
    await user.click(dialog.getByRole("radio", { name: "By selector" }));
    await user.type(dialog.getByRole("textbox", { name: "Selector (JSON)" }), "nothing");
    expect(dialog.getByText("This is not a JSON object.")).toBeInTheDocument();
    expect(start()).toBeDisabled();
    await user.click(dialog.getByRole("radio", { name: "Everything" }));
    expect(await axeFindings()).toEqual([]);
    await user.click(start());
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.requests("job.start")[0]).toMatchObject({
      command: "replication.start",
      request: {
        from: { source: "Harbour registry", collection: "berths" },
        to: { source: "Standby registry", collection: "berths" },
        what: { continuous: false, via: "auto", createTarget: true },
      },
    });
  });

  it("that go on are set up at once", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Replicate…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByRole("combobox", { name: /^From database/ }), "vessels");
    await user.clear(dialog.getByRole("combobox", { name: /^Into database/ }));
    await user.type(dialog.getByRole("combobox", { name: /^Into database/ }), "vessels-copy");
    await user.click(dialog.getByRole("switch", { name: /^Continuous/ }));
    fake.fail("replication.start", apiError("auth", "vessels-copy may not be made by this user."), 1);
    await user.click(dialog.getByRole("button", { name: "Replicate" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("may not be made");
    await user.click(dialog.getByRole("button", { name: "Replicate" }));
    expect(await page().findByText("Harbour registry/vessels → Harbour registry/vessels-copy")).toBeInTheDocument();
    expect(fake.requests("job.start")).toEqual([]);
  });
});
