/** Documents of a database: conflicts, attachments, deletions, design documents and settings. */
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Fake } from "../platform/fake";
import { snapshotsOf } from "../platform/fake/snapshotsData";
import { axeFindings, NOW, renderApp } from "../test/render";
import { documentOf } from "./documents";

function open(query: string, couch: boolean | number = true, width = 1200) {
  const fake = new Fake({ now: NOW, tick: 0, couch });
  const source = fake.world.sources.find((one) => one.row.name === "Harbour registry");
  const row = snapshotsOf(source!).at(-1)!;
  return renderApp({ fake, width, at: `/snapshots/${encodeURIComponent(row.vault)}/${row.id}${query}` });
}

const q = (c: string, r?: string) =>
  `?c=${encodeURIComponent(c)}${r === undefined ? "" : `&r=${encodeURIComponent(r)}`}`;
const panel = async () => (await screen.findAllByRole("complementary")).at(-1)!;

describe("a document", () => {
  it("names its other versions, and shows what is different in each", async () => {
    const { user } = open(q("berths", "berth:0000004"));
    expect(await screen.findByText("2 other versions live beside this one.")).toBeVisible();
    expect(screen.queryByText("_conflicts")).toBeNull();
    expect(screen.queryByText("_revisions")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Look at them" }));
    const list = await screen.findByRole("list", { name: "Other versions" });
    const [first, second] = within(list).getAllByRole("listitem");
    expect(first).toHaveTextContent("2 fields differ from the shown version");
    expect(within(second!).getByText("remarks")).toBeVisible();
    expect(within(second!).getByText("ladder.svg")).toBeVisible();
    await user.click(within(first!).getByRole("button", { name: /fields are the same/ }));
    expect(within(first!).getByText("harbour")).toBeVisible();
    expect(screen.getByRole("link", { name: "Settle the conflicts of Harbour registry…" })).toHaveAttribute(
      "href",
      "/sources/Harbour%20registry?tab=conflicts",
    );
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("lists attachments with name, size and type, shows texts, and names what is missing", async () => {
    const { user } = open(q("berths", "berth:0000009"));
    const shown = await panel();
    expect(await within(shown).findByText("3 attachments")).toBeVisible();
    expect(within(shown).getByText("1 of 3 is missing: it could not be read when this backup was made.")).toBeVisible();
    expect(shown).toHaveTextContent("sensors.json812 B · application/json");
    expect(shown).toHaveTextContent("survey.pdf48 MB · application/pdf not saved");
    await user.click(within(shown).getByRole("button", { name: "Look inside sensors.json" }));
    expect(await within(shown).findByText(/"depth": 4.2/)).toBeVisible();
    expect(within(shown).queryByText("_attachments")).toBeNull();
  });

  it("that was deleted says so", async () => {
    open(q("berths", "berth:0000021"));
    const shown = await panel();
    expect(await within(shown).findByText("This document was deleted at the source.")).toBeVisible();
    expect(within(shown).getByText("deleted")).toBeVisible();
  });

  it("keeps each attachment with its version, whatever order they come in", () => {
    const stub = (name: string) => ({ [name]: { stub: true } });
    const data = {
      _id: "a",
      _rev: "2-x",
      _attachments: { ...stub("b.txt"), ...stub("a.txt") },
      _conflicts: [{ _id: "a", _rev: "2-w", _attachments: stub("a.txt") }],
    };
    const assets = ["a.txt", "b.txt", "a.txt", "stray.txt"].map((name, at) => ({ name, sha256: String(at) }));
    const found = documentOf({ id: "a", rev: "2-x", data, assets }, data);
    expect(found?.winner.assets.map(({ sha256 }) => sha256)).toEqual(["0", "1", "3"]);
    expect(found?.others[0]?.assets.map(({ sha256 }) => sha256)).toEqual(["2"]);
    expect(documentOf({ id: "1", data: { id: 1 } }, { id: 1 })).toBeNull();
  });
});

describe("the table of documents", () => {
  it("shows what people wrote, and marks conflicts and deletions", async () => {
    open(q("berths"));
    const grid = await screen.findByRole("grid", { name: "berths" });
    expect(await within(grid).findByRole("columnheader", { name: /harbour/ })).toBeInTheDocument();
    expect(within(grid).queryByRole("columnheader", { name: /_rev/ })).toBeNull();
    expect(await within(grid).findByRole("row", { name: /berth:0000004 in conflict/ })).toBeVisible();
  });
});

describe("parts of a database", () => {
  it("stand beneath the open database only", async () => {
    const { user } = open(q("berths"));
    const list = await screen.findByRole("navigation", { name: "Contents" });
    expect(within(list).getAllByRole("button", { name: /^Design documents/ })).toHaveLength(1);
    expect(within(list).getByRole("button", { name: /^archive\/2024/ })).toBeVisible();
    await user.click(within(list).getByRole("button", { name: /^Settings/ }));
    expect(await screen.findByRole("grid", { name: "Settings" })).toBeVisible();
  });

  it("design documents read as code", async () => {
    open(q("berths/@design", "_design/by-harbour"));
    const shown = await panel();
    expect(await within(shown).findByRole("heading", { name: /^Views 2/ })).toBeVisible();
    expect(within(shown).getByLabelText("berths · map")).toHaveTextContent("emit([doc.harbour, doc.length], 1);");
    expect(within(shown).getByLabelText("berths · reduce")).toHaveTextContent("_sum");
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("settings read as words", async () => {
    open(q("berths/@settings", "_security"));
    const shown = await panel();
    expect(await within(shown).findByRole("heading", { name: "Administrators" })).toBeVisible();
    expect(shown).toHaveTextContent("harbourmaster");
    expect(shown).toHaveTextContent("crewoffice");
  });
});

describe("a server of two thousand databases", () => {
  it("draws those in sight, and finds any by name", async () => {
    const { user } = open("?c=customer-0001", 2000);
    const list = await screen.findByRole("navigation", { name: "Contents" });
    expect(within(list).getAllByRole("button").length).toBeLessThan(80);
    await user.type(within(list).getByRole("textbox", { name: "Find a collection" }), "customer-1999");
    await user.click(await within(list).findByRole("button", { name: /^customer-1999/ }));
    expect(await screen.findByRole("grid", { name: "customer-1999" })).toBeVisible();
  });
});
