/** Conflicts of a server: finding them, choosing between versions, merging, and what is said afterwards. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { axeFindings, NOW, renderApp } from "../test/render";
import { differing, keepOf, lostAttachments, shortRev, valueAt } from "./choices";

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
const list = () => page().findByRole("list", { name: "Conflicts" });

async function open(at = "/sources/Harbour%20registry?tab=conflicts") {
  const drawn = renderApp({ fake, at });
  await screen.findByRole("main");
  return drawn;
}

describe("choices", () => {
  const reply = {
    source: "s",
    collection: "c",
    id: "i",
    expect: "e",
    versions: [
      { rev: "2-a", winner: true, data: { a: { b: 1 }, "x/y": 1 }, assets: [], differences: [] },
      {
        rev: "2-b",
        winner: false,
        data: { a: { b: 2 } },
        assets: [{ name: "p.jpg" }],
        differences: [
          { field: "/a", change: "changed" as const },
          { field: "/a/b", change: "changed" as const },
          { field: "/x~1y", change: "removed" as const },
        ],
      },
    ],
  };

  it("are made by the outermost member that differs", () => {
    const fields = differing(reply);
    expect(fields.map((field) => [field.pointer, field.name])).toEqual([
      ["/a", "a"],
      ["/x~1y", "x/y"],
    ]);
    expect(fields[1]?.values.has("2-b")).toBe(false);
    expect(valueAt(reply.versions[0]?.data, "/a/b")).toBe(1);
    expect(keepOf(fields, {}, "2-b")).toEqual({ rev: "2-b" });
    expect(keepOf(fields, { "/a": "2-b" }, "2-a")).toEqual({
      fields: { from: "2-a", fields: [{ field: "/a", rev: "2-b" }] },
    });
    expect(lostAttachments(reply.versions, "2-a")).toEqual(["p.jpg"]);
    expect(lostAttachments(reply.versions, "2-b")).toEqual([]);
    expect(shortRev(`3-${"ab".repeat(16)}`)).toBe("3-ababab");
  });
});

describe("the conflicts of a source", () => {
  it("are listed, compared, merged and settled", async () => {
    const { user, where } = await open();
    expect(within(await list()).getAllByRole("button")).toHaveLength(7);
    expect(await axeFindings()).toEqual([]);
    await user.click(within(await list()).getByRole("button", { name: /berth:0000004/ }));
    expect(where()).toContain("id=berth%3A0000004");
    const table = await page().findByRole("table");
    expect(within(table).getByText("Shown now")).toBeInTheDocument();
    expect(within(table).getByRole("radio", { name: /^tenant: 5-/ })).toBeChecked();
    expect(page().getByText(/1 attachment goes with the versions/)).toBeInTheDocument();
    expect(page().getByText(/stays, as it is/)).toBeInTheDocument();
    await user.click(within(table).getByRole("radio", { name: /^note: 4-/ }));
    await user.click(within(table).getByRole("radio", { name: /^meter: 4-/ }));
    expect(page().getByText(/A new version is made/)).toBeInTheDocument();
    expect(page().getByText(/saved in Office NAS first/)).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
    await user.click(page().getByRole("button", { name: "Settle" }));
    expect(await page().findByText(/^Settled\./)).toBeInTheDocument();
    const [request] = fake.requests("conflict.settle");
    expect(request?.keep).toMatchObject({
      fields: { from: expect.stringMatching(/^5-/), fields: [{ field: "/meter" }, { field: "/note" }] },
    });
    await user.click(page().getByRole("button", { name: "Next conflict" }));
    await waitFor(async () => expect(within(await list()).getAllByRole("button")).toHaveLength(6));
  });

  it("let one keep a whole version", async () => {
    const { user } = await open("/sources/Harbour%20registry?tab=conflicts&in=berths&id=berth:0000004");
    const table = await page().findByRole("table");
    await user.click(within(table).getAllByRole("button", { name: "Keep this one" })[1] as HTMLElement);
    expect(page().queryByText(/attachment goes/)).toBeNull();
    await user.click(page().getByRole("button", { name: "Settle" }));
    await page().findByText(/^Settled\./);
    expect(fake.requests("conflict.settle")[0]?.keep).toEqual({ rev: expect.stringMatching(/^4-/) });
  });

  it("say when somebody changed it meanwhile, and when there are none", async () => {
    fake.fail(
      "conflict.settle",
      apiError("changed", "berths/berth:0000004 was changed meanwhile; nothing was written."),
      1,
    );
    const { user } = await open("/sources/Harbour%20registry?tab=conflicts&in=berths&id=berth:0000004");
    await page().findByRole("table");
    await user.click(page().getByRole("button", { name: "Settle" }));
    expect(await page().findByRole("alert")).toHaveTextContent("was changed meanwhile");
  });

  it("are none at a quiet server, and no tab where there can be none", async () => {
    await open("/sources/Standby%20registry?tab=conflicts");
    expect(await page().findByText("No conflicts.")).toBeInTheDocument();
    const quiet = new Fake({ now: NOW, tick: 0 });
    const folder = quiet.world.sources[0]?.row.name ?? "";
    renderApp({ fake: quiet, at: `/sources/${encodeURIComponent(folder)}` });
    await waitFor(() => expect(screen.getAllByRole("tab", { name: "Settings" }).length).toBeGreaterThan(0));
  });

  it("show why they cannot be read", async () => {
    fake.fail("conflict.list", apiError("unreachable", "https://couch.harbour.example cannot be reached."));
    await open();
    expect(await page().findByRole("alert")).toHaveTextContent("cannot be reached");
  });
});
