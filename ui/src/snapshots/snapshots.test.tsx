/** What changed in all sources, and search over everything. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { axeFindings, NOW, renderApp } from "../test/render";

/** Everything is in sight at once. */
class AllSeen {
  private readonly seen: IntersectionObserverCallback;
  constructor(seen: IntersectionObserverCallback) {
    this.seen = seen;
  }
  observe() {
    this.seen([{ isIntersecting: true } as IntersectionObserverEntry], this as unknown as IntersectionObserver);
  }
  disconnect() {}
  unobserve() {}
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});

const table = () => screen.findByRole("table", { name: "Snapshots, newest first" });

describe("the list of all snapshots", () => {
  it("goes by day, newest first, and says what changed", async () => {
    vi.stubGlobal("IntersectionObserver", AllSeen);
    renderApp({ at: "/snapshots" });
    const days = within(await table()).getAllByRole("rowheader");
    expect(days.slice(0, 2).map((day) => day.textContent)).toEqual(["Today", "Yesterday"]);
    const row = within(await table()).getAllByRole("row", { name: /Product ops/ })[0]!;
    await waitFor(() => expect(row).toHaveTextContent("4 new, 37 edited, 4 gone"));
    expect(row).toHaveTextContent("roadmap, meetings, people, 1 more");
    expect(within(row).getByRole("link", { name: "Browse" })).toHaveAttribute(
      "href",
      expect.stringContaining("/snapshots/Office%20NAS/"),
    );
    expect(screen.getByText(/90 points in time since 7 November 2026/)).toBeVisible();
    vi.unstubAllGlobals();
  });

  it("narrows to a source, moves by arrow keys, compares and restores by letter", async () => {
    const { user, where } = renderApp({ at: "/snapshots" });
    await table();
    await user.click(screen.getByRole("combobox", { name: "Source" }));
    await user.click(await screen.findByRole("option", { name: "Billing" }));
    const links = within(await table()).getAllByRole("link", { name: /Billing/ });
    expect(within(await table()).queryByRole("link", { name: /Product ops/ })).toBeNull();
    links[0]!.focus();
    await user.keyboard("{ArrowDown}");
    expect(links[1]).toHaveFocus();
    await user.keyboard("r");
    expect(where()).toMatch(/^\/restore\?snapshot=[0-9a-f]{64}&vault=Office%20NAS$/);
  });

  it("jumps to a day and back to the newest", async () => {
    const { user } = renderApp({ at: "/snapshots" });
    await table();
    await user.click(screen.getByRole("button", { name: /^Tue 10 Nov: 6 snapshots/ }));
    expect(within(await table()).getAllByRole("rowheader")[0]).toHaveTextContent("Tuesday 10 November");
    await user.click(screen.getByRole("button", { name: /newer snapshots: show them/ }));
    expect(within(await table()).getAllByRole("rowheader")[0]).toHaveTextContent("Today");
  });

  it("says what to do when there is nothing, and what is wrong when a vault does not answer", async () => {
    renderApp({ at: "/snapshots", fake: new Fake({ empty: true, now: NOW, tick: 0 }) });
    expect(await screen.findByText("No snapshots yet.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Go to Sources" })).toBeVisible();
  });

  it("shows an error inside the page, and names vaults that were left out", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    fake.fail("snapshot.list", apiError("unreachable", "Office NAS did not answer."), 1);
    const { user } = renderApp({ at: "/snapshots", fake });
    expect(await screen.findByText("Office NAS did not answer.")).toBeVisible();
    fake.handle({
      "snapshot.list": () => ({ snapshots: [], problems: ["vault Blue USB disk: the disk is not there"] }),
    });
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("vault Blue USB disk: the disk is not there")).toBeVisible();
  });

  it("has nothing axe finds wrong", async () => {
    const { container } = renderApp({ at: "/snapshots" });
    await table();
    expect(await axeFindings(container)).toEqual([]);
  });
});

describe("search", () => {
  it("starts from the field of the list", async () => {
    const { user, where } = renderApp({ at: "/snapshots" });
    await table();
    await user.type(screen.getByRole("textbox", { name: /^Search in everything/ }), "esbjerg{Enter}");
    expect(where()).toBe("/search?q=esbjerg");
    expect(await screen.findByRole("list", { name: "What was found" })).toBeVisible();
  });

  it("marks the words, says how long each hit was there, and offers the right way on", async () => {
    const { container, user, fake } = renderApp({ at: "/search?q=esbjerg" });
    const hits = within(await screen.findByRole("list", { name: "What was found" })).getAllByRole("listitem");
    expect(within(hits[0]!).getAllByText("Esbjerg", { selector: "mark" }).length).toBeGreaterThan(0);
    expect(hits[0]).toHaveTextContent("still there");
    expect(within(hits[0]!).getByRole("link", { name: "Open" })).toBeVisible();
    expect(fake.requests("record.history")).toEqual([]);
    await user.hover(hits[0]!);
    await waitFor(() => expect(hits[0]).toHaveTextContent("since Sat 7 Nov"));
    expect(await axeFindings(container)).toEqual([]);
    await user.click(screen.getByRole("radio", { name: /Only what is gone today/ }));
    await waitFor(() => expect(fake.requests("search").at(-1)).toMatchObject({ earlier: true, onlyGone: true }));
    const gone = await screen.findAllByText(/^last seen/);
    expect(gone.length).toBeGreaterThan(0);
    expect(screen.getAllByRole("link", { name: "Restore…" })[0]).toHaveAttribute(
      "href",
      expect.stringMatching(/only=\w+%2F\d+$/),
    );
  });

  it("says where nothing was found", async () => {
    renderApp({ at: "/search?q=zzz" });
    expect(await screen.findByText("Nothing with these words in 90 points in time.")).toBeVisible();
  });

  it("can be stopped, in the engine as well", async () => {
    const fake = new Fake({ now: NOW, tick: 0 }).delay("search", 60_000);
    const cancel = vi.spyOn(fake, "cancelCall");
    const { user } = renderApp({ at: "/search?q=esbjerg", fake });
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    expect(await screen.findByText("The search was stopped.")).toBeVisible();
    expect(cancel).toHaveBeenCalledWith(fake.calls.find((made) => made.name === "search")?.options.token);
  });
});
