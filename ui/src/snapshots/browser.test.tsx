/** The browser: a table of any size, one record, files, and the ways on from there. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, describe, expect, it } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { snapshotsOf } from "../platform/fake/snapshotsData";
import { axeFindings, NOW, renderApp } from "../test/render";

// Fetched by itself when a page is first drawn; in tests that is part of the start.
beforeAll(() => import("./Markdown"));

function world() {
  const fake = new Fake({ now: NOW, tick: 0 });
  const at = (source: string, back: number) => {
    const found = fake.world.sources.find((one) => one.row.name === source);
    return snapshotsOf(found!).at(-1 - back)!;
  };
  return { fake, at };
}

function open(source: string, query: string, { back = 0, width = 1200 } = {}) {
  const { fake, at } = world();
  const row = at(source, back);
  const drawn = renderApp({ fake, width, at: `/snapshots/${encodeURIComponent(row.vault)}/${row.id}${query}` });
  return { ...drawn, row, at };
}

const panel = (name: string) => screen.findByRole("complementary", { name });

describe("the table", () => {
  it("opens the first collection, with counts also of those that have to be counted", async () => {
    const { container } = open("Orders", "");
    expect(await screen.findByRole("grid", { name: "orders" })).toHaveAttribute("aria-rowcount", "999997");
    const list = screen.getByRole("navigation", { name: "Contents" });
    expect(within(list).getByRole("button", { name: /^orders/ })).toHaveTextContent("999,996");
    expect(within(list).getByRole("button", { name: /Files/ })).toBeVisible();
    expect(await axeFindings(container)).toEqual([]);
  });

  it("goes to the very last of a million rows, by number and by id", async () => {
    const { user } = open("Orders", "?c=orders");
    const grid = await screen.findByRole("grid", { name: "orders" });
    await user.keyboard("{Control>}g{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /Row number or id/ }), "999,996{Enter}");
    const last = await within(grid).findByRole("row", { name: /map tiles 58823/ });
    expect(last).toHaveAttribute("aria-rowindex", "999997");
    await user.keyboard("{Control>}g{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /Row number or id/ }), "#500000{Enter}");
    await waitFor(() => expect(grid.querySelector("[data-active]")).toHaveAttribute("aria-rowindex", "499997"));
    await user.keyboard("{Control>}g{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /Row number or id/ }), "#zzz{Enter}");
    expect(await screen.findByText("This table shows no such row or record.")).toBeVisible();
  });

  it("sorts by a head, then the other way round, then as saved", async () => {
    const { user, fake } = open("Product ops", "?c=roadmap");
    const head = await screen.findByRole("button", { name: "status" });
    for (const sort of [{ field: "status", descending: false }, { field: "status", descending: true }, undefined]) {
      await user.click(await screen.findByRole("button", { name: "status" }));
      await waitFor(() =>
        sort === undefined
          ? expect(screen.getByRole("button", { name: "Order: As saved" })).toBeVisible()
          : expect(fake.requests("listing.open").at(-1)).toMatchObject({ sort }),
      );
    }
    expect(head).toBeDefined();
  });

  it("filters and searches, says how many are left, and finds back", async () => {
    const { user, fake } = open("Product ops", "?c=roadmap");
    await screen.findByRole("grid", { name: "roadmap" });
    await user.click(screen.getByRole("button", { name: "Add a filter" }));
    await user.click(await screen.findByRole("combobox", { name: "Field" }));
    await user.click(await screen.findByRole("option", { name: "owner" }));
    await user.click(screen.getByRole("combobox", { name: "Comparison" }));
    await user.click(await screen.findByRole("option", { name: "is" }));
    await user.type(screen.getByRole("textbox", { name: "Value" }), "Mara Lind");
    await user.click(screen.getByRole("button", { name: "Filter" }));
    expect(await screen.findByText("owner is Mara Lind")).toBeVisible();
    expect(fake.requests("listing.open").at(-1)).toMatchObject({
      filters: [{ field: "owner", kind: "is", value: "Mara Lind" }],
    });
    await user.type(screen.getByRole("textbox", { name: "Search in roadmap" }), "nowhere to be found");
    expect(await screen.findByText("Nothing in roadmap fits.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all records" }));
    expect(await screen.findByRole("grid", { name: "roadmap" })).toBeVisible();
    expect(screen.queryByText("owner is Mara Lind")).toBeNull();
  });

  it("remembers the chosen columns of a collection", async () => {
    const first = open("Product ops", "?c=roadmap");
    await screen.findByRole("grid", { name: "roadmap" });
    expect(screen.queryByRole("columnheader", { name: /tracking/ })).toBeNull();
    await first.user.click(screen.getByRole("button", { name: "Columns" }));
    await first.user.click(await screen.findByRole("checkbox", { name: /tracking/ }));
    expect(await screen.findByRole("columnheader", { name: /tracking/ })).toBeInTheDocument();
    first.unmount();
    open("Product ops", "?c=roadmap");
    expect(await screen.findByRole("columnheader", { name: /tracking/ })).toBeInTheDocument();
  });

  it("takes ticked records to the restore", async () => {
    const { user, where } = open("Product ops", "?c=roadmap");
    await user.click(await screen.findByRole("checkbox", { name: "Select Q1 launch checklist" }));
    await user.click(screen.getByRole("checkbox", { name: "Select Pricing page, second draft" }));
    const bar = screen.getByRole("group", { name: "Selection" });
    expect(bar).toHaveTextContent("2 selectedof 838");
    await user.click(within(bar).getByRole("button", { name: "Restore 2…" }));
    expect(new URLSearchParams(where().split("?")[1]).get("only")).toBe("roadmap/1\nroadmap/3");
  });

  it("names the whole collection when everything is ticked, and refuses a million single names", async () => {
    const { user, where } = open("Orders", "?c=orders");
    await user.click(await screen.findByRole("checkbox", { name: "Select all rows" }));
    const bar = screen.getByRole("group", { name: "Selection" });
    await user.click(screen.getByRole("checkbox", { name: "Select Q1 launch checklist" }));
    expect(within(bar).getByRole("button", { name: "Restore 999,995…" })).toBeDisabled();
    await user.click(screen.getByRole("checkbox", { name: "Select Q1 launch checklist" }));
    await user.click(within(bar).getByRole("button", { name: "Restore 999,996…" }));
    await waitFor(() => expect(new URLSearchParams(where().split("?")[1]).get("only")).toBe("orders"));
  });

  it("opens a table again that the engine has forgotten", async () => {
    const { fake, at } = world();
    const row = at("Product ops", 0);
    fake.fail("listing.rows", apiError("notFound", "There is no such listing."), 1);
    renderApp({ fake, at: `/snapshots/Office%20NAS/${row.id}?c=roadmap` });
    expect(await screen.findByRole("row", { name: /^Select Q1 launch checklist Q1/ })).toBeVisible();
    expect(fake.requests("listing.open")).toHaveLength(2);
  });

  it("keeps the frame when the snapshot cannot be read", async () => {
    const { fake, at } = world();
    fake.fail("snapshot.show", apiError("damaged", "A pack is cut short."));
    renderApp({ fake, at: `/snapshots/Office%20NAS/${at("Product ops", 0).id}` });
    expect(await screen.findByText("A pack is cut short.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

describe("one record", () => {
  it("shows typed fields, what is calculated, attachments, and what differs live", async () => {
    const { container } = open("Product ops", "?c=roadmap&r=1", { back: 2 });
    const shown = await panel("Q1 launch checklist");
    const row = (name: string) => within(shown).getByText(name, { selector: "dt" }).parentElement!;
    expect(row("tracking")).toHaveTextContent("9007199254740993");
    expect(row("open_tasks")).toHaveTextContent("calculated");
    expect(row("due")).toHaveTextContent(/\d+ \w+ 20\d\d/);
    expect(row("urgent")).toHaveTextContent("yes");
    expect(shown).toHaveTextContent("launch-brief-v4.pdf2.4 MB · application/pdfsaved");
    expect(shown).toHaveTextContent("plan-of-the-harbour.tiff9.1 MB · image/tiff not saved");
    const live = within(shown).getByRole("region", { name: "Live now" });
    expect(await within(live).findByText(/fields differ/)).toBeVisible();
    expect(within(live).getByRole("link")).toHaveAttribute(
      "href",
      expect.stringContaining("/compare/record?source=Product%20ops&c=roadmap&r=1&a="),
    );
    expect(await axeFindings(container)).toEqual([]);
  });

  it("asks the source once a record stays open", async () => {
    const { fake } = open("Product ops", "?c=roadmap&r=1");
    await panel("Q1 launch checklist");
    const live = () => fake.requests("record.get").filter((request) => request.at.snapshot.startsWith("live:"));
    await waitFor(() =>
      expect(live()).toEqual([{ at: { snapshot: "live:Product ops" }, collection: "roadmap", id: "1" }]),
    );
  });

  it("reads as a page, with unknown parts named, and none for records without texts", async () => {
    const { user } = open("Product ops", "?c=roadmap&r=1");
    const shown = await panel("Q1 launch checklist");
    await user.click(within(shown).getByRole("tab", { name: "Page" }));
    expect(await within(shown).findByRole("heading", { name: "Before Christmas" })).toBeVisible();
    expect(within(shown).getByText("meeting-notes", { selector: "code" })).toBeVisible();
    await user.click(within(shown).getByRole("button", { name: "Show raw" }));
    expect(within(shown).getByRole("tab", { name: "Raw" })).toHaveAttribute("aria-selected", "true");
    await user.click(screen.getByRole("row", { name: /^Select Move status page to new host Move/ }));
    expect(within(await panel("Move status page to new host")).queryByRole("tab", { name: "Page" })).toBeNull();
  });

  it("gives the exact text, as a tree and as it was saved", async () => {
    const { user } = open("Product ops", "?c=roadmap&r=1");
    const shown = await panel("Q1 launch checklist");
    await user.click(within(shown).getByRole("tab", { name: "Raw" }));
    expect(within(shown).getByRole("tree")).toHaveTextContent('"tracking": 9007199254740993');
    await user.click(within(shown).getByRole("radio", { name: "Text" }));
    expect(shown.querySelector("pre")).toHaveTextContent('"tracking": 9007199254740993,');
  });

  it("lists its versions and where this one is, and leads to the others", async () => {
    const { user, where, at } = open("Product ops", "?c=roadmap&r=1");
    const shown = await panel("Q1 launch checklist");
    await user.click(within(shown).getByRole("tab", { name: "Versions" }));
    const versions = within(await within(shown).findByRole("list", { name: "Versions, newest first" })).getAllByRole(
      "listitem",
    );
    expect(versions).toHaveLength(5);
    expect(versions[0]).toHaveTextContent("here");
    expect(versions[4]).toHaveTextContent("First seen");
    expect(shown).toHaveTextContent("5 versions in 14 backups. Nothing had changed in the other 9.");
    await user.click(within(versions[1]!).getByRole("link", { name: /17 Nov/ }));
    expect(where()).toContain(at("Product ops", 3).id);
    expect(where()).toContain("r=1");
  });

  it("stays open in the older and the newer snapshot", async () => {
    const { user, where, at } = open("Product ops", "?c=roadmap&r=1", { back: 1 });
    await panel("Q1 launch checklist");
    await user.keyboard("[[");
    await waitFor(() => expect(where()).toBe(`/snapshots/Office%20NAS/${at("Product ops", 2).id}?c=roadmap&r=1`));
    await panel("Q1 launch checklist");
    await user.keyboard("]");
    await waitFor(() => expect(where()).toBe(`/snapshots/Office%20NAS/${at("Product ops", 1).id}?c=roadmap&r=1`));
    await user.click(screen.getByRole("button", { name: "Newer" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Newer" })).toBeDisabled());
  });

  it("closes with Esc, but not from under a dialog", async () => {
    const { user, where } = open("Product ops", "?c=roadmap&r=1");
    await panel("Q1 launch checklist");
    await user.keyboard("{Control>}g{/Control}");
    await screen.findByRole("dialog");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(where()).toContain("r=1");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(where()).not.toContain("r=1"));
  });

  it("says when this snapshot does not hold it, and where it is", async () => {
    open("Product ops", "?c=roadmap&r=13");
    expect(await screen.findByText("This record is not in this snapshot.")).toBeVisible();
    expect(await screen.findByText("Gone from here on")).toBeVisible();
  });

  it("goes to the restore of just this record", async () => {
    const { row } = open("Product ops", "?c=roadmap&r=1");
    const shown = await panel("Q1 launch checklist");
    const link = within(shown).getByRole("link", { name: "Restore this record…" });
    expect(link).toHaveAttribute("href", `/restore?snapshot=${row.id}&vault=Office%20NAS&only=roadmap%2F1`);
  });
});

describe("files", () => {
  it("open folder by folder, with previews of texts and images", async () => {
    const { user, container } = open("Team wiki", "", { back: 1 });
    await user.click(await screen.findByRole("row", { name: /^Select cover\.svg/ }));
    expect(await screen.findByRole("img", { name: "cover.svg" })).toHaveAttribute(
      "src",
      expect.stringContaining("data:image/svg+xml;base64,"),
    );
    await user.click(screen.getByRole("row", { name: /naming\.txt/ }));
    expect(await screen.findByText(/Names without odd characters/)).toBeVisible();
    await user.click(screen.getByRole("row", { name: /tide-data\.bin/ }));
    expect(await screen.findByText(/Nothing to draw here/)).toBeVisible();
    expect(await axeFindings(container)).toEqual([]);
    await user.click(screen.getByRole("row", { name: /Meetings/ }));
    expect(await screen.findByRole("grid", { name: "Meetings" })).toHaveAttribute("aria-rowcount", "9001");
    await user.click(screen.getByRole("button", { name: "Files" }));
    expect(await screen.findByRole("row", { name: /readme\.md/ })).toBeVisible();
  });

  it("save a copy where the person says", async () => {
    const { user, fake, row } = open("Team wiki", "?c=files&r=naming.txt", { back: 1 });
    await user.click(await screen.findByRole("button", { name: "Save as…" }));
    expect(await screen.findByText(/Saved as \/home\/mara\/saved/)).toBeVisible();
    expect(fake.requests("file.save")).toEqual([
      {
        at: { snapshot: row.id, vault: "Office NAS" },
        path: "files/naming.txt",
        to: "/home/mara/saved",
        overwrite: true,
      },
    ]);
  });

  it("go to the restore by path", async () => {
    const { user, where } = open("Team wiki", "?c=files&d=Roadmap", { back: 1 });
    await user.click(await screen.findByRole("checkbox", { name: "Select q1.md" }));
    await user.click(screen.getByRole("button", { name: "Restore 1…" }));
    expect(new URLSearchParams(where().split("?")[1]).get("only")).toBe("files/Roadmap/q1.md");
  });
});

describe("narrow windows", () => {
  it("choose the collection above the table", async () => {
    const { user } = open("Product ops", "", { width: 900 });
    await user.click(await screen.findByRole("combobox", { name: "Contents" }));
    await user.click(await screen.findByRole("option", { name: /people/ }));
    expect(await screen.findByRole("grid", { name: "people" })).toBeVisible();
  });

  it("give a record the whole page, with a way back", async () => {
    const { user, container } = open("Product ops", "?c=roadmap&r=1", { width: 600 });
    const shown = await panel("Q1 launch checklist");
    expect(screen.queryByRole("grid")).toBeNull();
    expect(await axeFindings(container)).toEqual([]);
    await user.click(within(shown).getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("grid", { name: "roadmap" })).toBeVisible();
  });
});

describe("other places", () => {
  it("look into the live source in the same way", async () => {
    const { fake } = world();
    const { container } = renderApp({ fake, at: "/snapshots/-/live%3AProduct%20ops?c=people" });
    expect(await screen.findByRole("grid", { name: "people" })).toBeVisible();
    expect(screen.getByText("As it is at the source now. Nothing here is a backup.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Restore…" })).toBeNull();
    expect(await axeFindings(container)).toEqual([]);
  });
});

describe("export", () => {
  it("begins with what is ticked", async () => {
    const { user } = open("Product ops", "?c=roadmap");
    await user.click(await screen.findByRole("checkbox", { name: "Select Q1 launch checklist" }));
    await user.click(screen.getByRole("button", { name: "Export…" }));
    expect(await screen.findByRole("dialog")).toHaveTextContent(/Product ops/);
  });
});

describe("live tables", () => {
  it("mark rows that vanished since they were opened, instead of shifting the others", async () => {
    const { fake } = world();
    const values = { name: "Kai 7" };
    fake.handle({
      "listing.rows": () => ({
        rows: [
          { id: "1", values, assets: 0, gone: true },
          { id: "2", values, assets: 0 },
        ],
      }),
    });
    renderApp({ fake, at: "/snapshots/-/live%3AProduct%20ops?c=people" });
    expect(await screen.findByText("gone meanwhile")).toBeVisible();
    expect(screen.getAllByRole("row", { name: /Kai 7/ })).toHaveLength(2);
  });
});
