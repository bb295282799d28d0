/** Comparing two points in time, and one record at three moments. */
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { snapshotsOf } from "../platform/fake/snapshotsData";
import { axeFindings, NOW, renderApp } from "../test/render";

function world() {
  const fake = new Fake({ now: NOW, tick: 0 });
  const rows = snapshotsOf(fake.world.sources.find((one) => one.row.name === "Product ops")!);
  return { fake, at: (back: number) => rows.at(-1 - back)!.id };
}

const list = () => screen.findByRole("listbox", { name: "Differences" });

describe("two points in time", () => {
  it("compare with live by default: counts, groups, the first record field by field", async () => {
    const { fake, at } = world();
    const { container } = renderApp({ fake, at: `/compare?a=${at(3)}` });
    const options = await within(await list()).findAllByRole("option");
    expect(options[0]).toHaveAttribute("aria-selected", "true");
    expect(await within(await list()).findByText("Q1 launch checklist")).toBeVisible();
    expect(screen.getByRole("radio", { name: /Edited 128/ })).toBeInTheDocument();
    expect(screen.getByText("10,250 records are the same")).toBeVisible();
    const detail = await screen.findByRole("region", { name: "Q1 launch checklist" });
    expect(within(detail).getByText("status").nextSibling).toHaveTextContent(/removed: Backlog.*added: Done/);
    expect(within(detail).getByRole("link", { name: "Choose fields…" })).toHaveAttribute(
      "href",
      `/compare/record?source=Product%20ops&c=roadmap&r=1&a=${at(3)}`,
    );
    expect(within(detail).getByRole("link", { name: "Restore this record… Q1 launch checklist" })).toHaveAttribute(
      "href",
      `/restore?snapshot=${at(3)}&vault=Office%20NAS&only=roadmap%2F1`,
    );
    expect(await axeFindings(container)).toEqual([]);
  });

  it("go on by J and K and by arrow keys, and fold what is the same", async () => {
    const { fake, at } = world();
    const { user, where } = renderApp({ fake, at: `/compare?a=${at(3)}` });
    (await list()).focus();
    await user.keyboard("j{ArrowDown}k");
    expect(new URLSearchParams(where().split("?")[1]).get("r")).toBe("roadmap/3");
    await screen.findByRole("region", { name: "Pricing page, second draft" });
    expect(screen.queryByText("link")).toBeNull();
    await user.click(await screen.findByRole("button", { name: "Show them" }));
    expect(await screen.findByText("https://tracker.example/item/3")).toBeVisible();
  });

  it("narrow by kind, collection and field", async () => {
    const { fake, at } = world();
    const { user } = renderApp({ fake, at: `/compare?a=${at(3)}` });
    await list();
    await user.click(screen.getByRole("radio", { name: /Gone/ }));
    expect(await screen.findByText("Gone on the right side.", { exact: false }).catch(() => null)).toBeDefined();
    const gone = await within(await list()).findAllByRole("option");
    expect(gone.every((option) => within(option).queryByRole("img", { name: "Gone" }) !== null)).toBe(true);
    await user.click(screen.getByRole("radio", { name: /^All/ }));
    await user.click(screen.getByRole("combobox", { name: "Collection" }));
    await user.click(await screen.findByRole("option", { name: "people" }));
    await waitFor(() => expect(fake.requests("diff").at(-1)).toMatchObject({ collection: "people" }));
    expect(within(await list()).getByText("people")).toBeVisible();
    expect(within(await list()).queryByText("roadmap")).toBeNull();
  });

  it("swap sides", async () => {
    const { fake, at } = world();
    const { user, where } = renderApp({ fake, at: `/compare?a=${at(3)}&b=${at(1)}` });
    await list();
    await user.click(screen.getByRole("button", { name: "Swap sides" }));
    expect(where()).toBe(`/compare?a=${at(1)}&b=${at(3)}`);
  });

  it("give the numbers before the list, and say when not all are listed", async () => {
    const { fake, at } = world();
    const counts = { added: 23_400, changed: 0, removed: 0, unchanged: 5 };
    fake.handle({
      diff: ({ summary }) => ({
        collections: [{ collection: "roadmap", counts }],
        changes: summary ? [] : [{ collection: "roadmap", id: "1", change: "added", fields: [] }],
        truncated: !summary,
      }),
    });
    renderApp({ fake, at: `/compare?a=${at(3)}&b=${at(1)}` });
    expect(await screen.findByRole("radio", { name: /New 23,400/ })).toBeInTheDocument();
    expect(await screen.findByText(/The first 10,000 differences are listed/)).toBeVisible();
    expect(fake.requests("diff").map((request) => request.summary ?? false)).toEqual([true, false]);
  });

  it("say that nothing differs", async () => {
    const { fake, at } = world();
    const { container } = renderApp({ fake, at: `/compare?a=${at(3)}&b=${at(3)}` });
    expect(await screen.findByText("Both points are the same.")).toBeVisible();
    expect(screen.getByText(/records compared\.$/)).toBeVisible();
    expect(await axeFindings(container)).toEqual([]);
  });

  it("keep the readable side in sight when live cannot be read", async () => {
    const { fake, at } = world();
    fake.fail("diff", apiError("unreachable", "The file is not there."));
    renderApp({ fake, at: `/compare?a=${at(3)}` });
    expect(await screen.findByText("The live source cannot be read now.")).toBeVisible();
    const left = await screen.findByRole("region", { name: /17 Nov/ });
    expect(await within(left).findByText("roadmap")).toBeVisible();
  });

  it("ask which source when nothing is named, and say when a point is gone", async () => {
    const { fake } = world();
    const { user, where, unmount } = renderApp({ fake, at: "/compare" });
    await user.click(await screen.findByRole("combobox", { name: "Source" }));
    await user.click(await screen.findByRole("option", { name: "Billing" }));
    expect(where()).toBe("/compare?b=live%3ABilling");
    unmount();
    renderApp({ fake, at: "/compare?a=0123456789" });
    expect(await screen.findByText("This point in time is no longer there.")).toBeVisible();
  });

  it("give one record the whole page in narrow windows", async () => {
    const { fake, at } = world();
    const { user } = renderApp({ fake, width: 600, at: `/compare?a=${at(3)}` });
    await user.click((await within(await list()).findAllByRole("option"))[0]!);
    expect(screen.queryByRole("listbox", { name: "Differences" })).toBeNull();
    await user.click(await screen.findByRole("button", { name: "Back" }));
    expect(await list()).toBeVisible();
  });
});

describe("one record at three moments", () => {
  const route = (id: string, a: string) => `/compare/record?source=Product%20ops&c=roadmap&r=${id}&a=${a}`;
  const radio = (name: string) => screen.findByRole("radio", { name });

  it("presets live, refuses what is calculated, and counts what would change", async () => {
    const { fake, at } = world();
    const { user, container } = renderApp({ fake, at: route("1", at(3)) });
    expect(await radio("status: Live")).toBeChecked();
    expect(screen.getByText("calculated by the source, cannot be set")).toBeVisible();
    expect(screen.queryByRole("radio", { name: /^open_tasks/ })).toBeNull();
    expect(screen.getByText("Nothing is chosen: everything stays as it is live.")).toBeVisible();
    await user.click(await radio("status: Then"));
    await user.click(await radio("due: Newest backup"));
    expect(screen.getByText("2 fields will change")).toBeVisible();
    await user.click(await radio("due: Live"));
    expect(screen.getByText("1 field will change")).toBeVisible();
    expect(await axeFindings(container)).toEqual([]);
  });

  it("shows the plan of just these fields, then runs it as a job", async () => {
    const { fake, at } = world();
    const { user, where } = renderApp({ fake, at: route("1", at(3)) });
    await user.click(await radio("status: Then"));
    await user.click(screen.getByRole("button", { name: "Restore 1 field…" }));
    const dialog = await screen.findByRole("dialog", { name: "This is what will happen" });
    expect(await within(dialog).findByText("status")).toBeVisible();
    expect(fake.requests("restore.plan")).toEqual([
      {
        from: { snapshot: { snapshot: at(3), vault: "Office NAS" } },
        selection: { only: ["roadmap/1"], fields: [{ record: "roadmap/1", fields: ["/status"] }] },
        target: "inPlace",
        policy: "remote",
      },
    ]);
    expect(fake.requests("job.start")).toEqual([]);
    await user.click(await within(dialog).findByRole("button", { name: "Restore 1 field" }));
    await waitFor(() => expect(where()).toMatch(/^\/restore\/job\/job-\d+$/));
    expect(fake.requests("job.start")).toEqual([{ command: "restore.run", request: { path: expect.any(String) } }]);
  });

  it("brings fields from two snapshots one after the other, each by its own plan", async () => {
    const { fake, at } = world();
    const { user, where } = renderApp({ fake, at: route("1", at(3)) });
    await user.click(await radio("status: Then"));
    await user.click(await radio("due: Newest backup"));
    await user.click(screen.getByRole("button", { name: "Restore 2 fields…" }));
    await user.click(await screen.findByRole("button", { name: "Restore 2 fields" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    await fake.jobs.finish("job-1");
    await waitFor(() => expect(where()).toBe("/restore/job/job-2"));
    expect(fake.requests("restore.plan").map((request) => request.from)).toEqual(
      [at(3), at(0), at(0)].map((snapshot) => ({ snapshot: { snapshot, vault: "Office NAS" } })),
    );
  });

  it("offers a new preview when the live record moved", async () => {
    const { fake, at } = world();
    const { user } = renderApp({ fake, at: route("1", at(3)) });
    await user.click(await radio("status: Then"));
    fake.fail("job.start", apiError("changed", "1 record changed since this preview."), 1);
    await user.click(screen.getByRole("button", { name: "Restore 1 field…" }));
    await user.click(await screen.findByRole("button", { name: "Restore 1 field" }));
    await user.click(await screen.findByRole("button", { name: "Update the preview" }));
    await waitFor(() => expect(fake.requests("restore.plan")).toHaveLength(2));
  });

  it("chooses another version on its line", async () => {
    const { fake, at } = world();
    const { user } = renderApp({ fake, at: route("1", at(3)) });
    const line = await screen.findByRole("radiogroup", { name: "Versions of Q1 launch checklist" });
    const knots = within(line).getAllByRole("radio");
    expect(knots).toHaveLength(5);
    expect(knots[3]).toBeChecked();
    knots[3]!.focus();
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(within(line).getAllByRole("radio")[2]).toBeChecked());
    await waitFor(() => expect(fake.requests("record.get").map((one) => one.at.snapshot)).toContain(at(5)));
  });

  it("says when the record is gone live, and offers the whole record", async () => {
    const { fake, at } = world();
    renderApp({ fake, at: route("13", at(10)) });
    expect(await screen.findByText("This record is gone at the source.")).toBeVisible();
    expect(await screen.findByRole("link", { name: "Restore this record…" })).toHaveAttribute(
      "href",
      expect.stringContaining("only=roadmap%2F13"),
    );
  });
});
