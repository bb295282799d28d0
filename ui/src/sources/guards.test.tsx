/** What a guard holds, coverage, drills and pins on a source's page. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CoverageReply, HoldReviewReply, Trip } from "../api";
import { setPlatform } from "../platform";
import { apiError, Fake } from "../platform/fake";
import { drillsOf } from "../platform/fake/drills";
import { pinsOf, trip } from "../platform/fake/guards";
import { findSource } from "../platform/fake/sources";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";
import { GoneList } from "./page/gone";
import { typedNumber } from "./page/ReleaseDialog";
import { lateWords } from "./page/useMarks";

configure({ asyncUtilTimeout: 30_000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/SourceView"), import("./page/DrillCharts"), import("./page/SizeChart")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open(settings: RenderSettings) {
  const drawn = renderApp(settings);
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const orders = "/sources/Orders";

/** The card with this title; by its text, because names of regions take long to compute on so large a page. */
async function cardOf(title: string) {
  const card = (await page().findByText(title, { selector: "h2" })).closest("section") as HTMLElement;
  expect(card).toHaveAccessibleName(title);
  return card;
}

describe("a guard that holds a source", () => {
  it("says what went, each collection against its limit, and the ways on", async () => {
    const hold = trip(fake.world, "Orders");
    await open({ fake, at: orders });
    const card = within(await cardOf("3,904 of 4,012 customers were deleted at the source"));
    expect(card.getByText(/Until you answer, every backup of Orders from before is kept/)).toBeInTheDocument();
    const bars = within(await card.findByRole("table", { name: "Collections against their limits" }));
    expect(bars.getAllByRole("row").map((row) => row.textContent)).toEqual([
      "customers4,012 → 10897 %, limit 500",
      "invoices18,220 → 18,1840.2 %, limit 500",
      "settings14, unchanged",
    ]);
    expect(card.getByRole("link", { name: "Review the 3,904 deletions" })).toHaveAttribute(
      "href",
      `/sources/Orders?review=${hold.id}`,
    );
    expect(card.getByRole("link", { name: "Restore from yesterday 09:15…" })).toHaveAttribute(
      "href",
      `/restore?source=Orders&snapshot=${hold.before}&vault=Office%20NAS`,
    );
    expect(page().getByRole("link", { name: "Every day" })).toHaveAttribute("href", "/plans/Every%20day");
    // The one main action of the page is to look.
    expect(page().getByRole("button", { name: "Back up now" })).toHaveAttribute("data-variant", "default");
    const row = page()
      .getAllByRole("row")
      .find((one) => one.textContent?.includes("mass deletion"));
    expect(row).toHaveTextContent("Held by guard");
    expect(page().getByText("Retention").parentElement).toHaveTextContent("on hold since today 09:15");
    expect(await axeFindings()).toEqual([]);
  });

  it.each<[string, Trip, string, RegExp]>([
    [
      "became empty",
      { emptied: { collection: "Hiring 2024", before: 214 } },
      "“Hiring 2024” became empty at the source: 214 records are gone",
      /Review the 214 deletions/,
    ],
    [
      "files are gone",
      { filesGone: { before: 900, now: 100, gone: 800, share: 88.9 } },
      "800 of 900 files were deleted at the source",
      /Review the 800 deletions/,
    ],
    [
      "columns changed",
      {
        schemaChanged: {
          collection: "people",
          gone: [{ name: "phone", kind: "TEXT" }],
          retyped: [{ name: "age", before: "INTEGER", now: "TEXT" }],
        },
      },
      "2 columns of “people” changed at the source",
      /Compare before and after/,
    ],
    ["out of reach", { coverageLost: { names: ["Hiring"] } }, "“Hiring” fell out of reach", /See the coverage/],
  ])("has a sentence for: %s", async (_, what, title, action) => {
    trip(fake.world, "Orders", what);
    await open({ fake, at: orders });
    const card = within(await cardOf(title));
    expect(card.getByRole("link", { name: action })).toBeInTheDocument();
    if ("schemaChanged" in what) {
      expect(card.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
        "phone TEXT, gone",
        "age INTEGER → TEXT",
      ]);
    }
  });

  it("shows one card for one cause, though two vaults raised it", async () => {
    const one = trip(fake.world, "Orders");
    const other = trip(fake.world, "Orders");
    const { user } = await open({ fake, at: orders });
    expect(await page().findAllByRole("region", { name: /were deleted at the source/ })).toHaveLength(1);
    await user.click(page().getByRole("button", { name: "This was intended…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByRole("textbox", { name: "Type 3,904 to confirm" }), "3904");
    await user.click(dialog.getByRole("button", { name: "Yes, release the hold" }));
    await waitFor(() => expect(fake.requests("hold.release")).toHaveLength(2));
    expect(
      fake
        .requests("hold.release")
        .map((request) => request.hold)
        .sort(),
    ).toEqual([one.id, other.id].sort());
  });

  it("is released only by the number, after a question whose safe answer has the focus", async () => {
    const hold = trip(fake.world, "Orders");
    const { user, where } = await open({ fake, at: orders });
    await user.click(await page().findByRole("button", { name: "This was intended…" }));
    const dialog = await screen.findByRole("dialog", { name: "Were 3,904 customers deleted on purpose?" });
    const inside = within(dialog);
    await waitFor(() => expect(inside.getByRole("button", { name: "Keep the hold" })).toHaveFocus());
    expect(inside.getByText("Nothing is deleted right now.")).toBeInTheDocument();
    expect(inside.getByRole("checkbox", { name: /Pin the backup of yesterday 09:15/ })).toBeChecked();
    const yes = inside.getByRole("button", { name: "Yes, release the hold" });
    expect(yes).toBeDisabled();
    const field = inside.getByRole("textbox", { name: "Type 3,904 to confirm" });
    await user.type(field, "390");
    expect(yes).toBeDisabled();
    await user.type(field, "4");
    expect(yes).toBeEnabled();
    await user.type(inside.getByRole("textbox", { name: /Why\?/ }), "spring clean-up");
    await user.click(yes);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.requests("hold.release")).toEqual([
      { hold: hold.id, confirm: 3904, note: "spring clean-up", pin: true },
    ]);
    await waitFor(() => expect(page().queryByRole("region", { name: /were deleted/ })).toBeNull());
    expect(where()).toBe("/sources/Orders");
    expect(pinsOf(fake.world).get(hold.before ?? "")).toBe("spring clean-up");
  });

  it("stays as it is when the hold is kept, or when the engine refuses", async () => {
    const hold = trip(fake.world, "Orders");
    fake.fail("hold.release", apiError("locked", "Another Backstay works here."));
    const { user, where } = await open({ fake, at: `${orders}?answer=${hold.id}` });
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByRole("textbox", { name: "Type 3,904 to confirm" }), "3.904{Enter}");
    expect(await dialog.findByRole("alert")).toHaveTextContent("Another Backstay works here.");
    await user.click(dialog.getByRole("button", { name: "Keep the hold" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(where()).toBe("/sources/Orders");
    expect(page().getByRole("region", { name: /were deleted at the source/ })).toBeInTheDocument();
  });

  it("is answered to the end when one of two alarms was answered before", async () => {
    const one = trip(fake.world, "Orders");
    const other = trip(fake.world, "Orders");
    fake.handle({
      "hold.release": ({ hold }) => {
        if (hold === other.id) {
          throw apiError("changed", "this guard was answered already; nothing was changed");
        }
        return { ...one, released: NOW.toISOString() };
      },
    });
    const { user } = await open({ fake, at: `${orders}?answer=${one.id}` });
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByRole("textbox", { name: "Type 3,904 to confirm" }), "3904{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.requests("hold.release")).toHaveLength(2);
  });

  it("says so when the alarms cannot be read", async () => {
    trip(fake.world, "Orders");
    fake.fail("hold.list", apiError("io", "The state database did not answer."));
    await open({ fake, at: orders });
    expect(await page().findByRole("alert")).toHaveTextContent("The state database did not answer.");
    expect(page().getByText("Held by guard")).toBeInTheDocument();
  });
});

describe("the list of what went", () => {
  it("has every one of them, by keyboard to the last, and opens one in the backup from before", async () => {
    const hold = trip(fake.world, "Orders");
    const { user, where } = await open({ fake, at: `${orders}?review=${hold.id}` });
    expect(await page().findByRole("heading", { level: 1, name: "What went" })).toBeInTheDocument();
    const grid = await page().findByRole("grid", { name: "What went" });
    expect(grid).toHaveAttribute("aria-rowcount", "3905");
    expect(await within(grid).findByText("Mara Lindqvist")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
    grid.focus();
    await user.keyboard("{End}");
    expect(await within(grid).findByText(String(10_017 + 3903 * 3))).toBeInTheDocument();
    await user.keyboard("{Enter}");
    await waitFor(() =>
      expect(where()).toBe(`/snapshots/Office%20NAS/${hold.before}?c=customers&r=${10_017 + 3903 * 3}`),
    );
  });

  it("offers to bring back only that collection", async () => {
    const hold = trip(fake.world, "Orders");
    await open({ fake, at: `${orders}?review=${hold.id}` });
    expect(await page().findByRole("link", { name: /^Restore from/ })).toHaveAttribute(
      "href",
      `/restore?source=Orders&snapshot=${hold.before}&vault=Office%20NAS&only=customers`,
    );
  });

  it("says what stands in the way", async () => {
    const hold = trip(fake.world, "Orders");
    fake.fail("hold.review", apiError("unreachable", "Office NAS did not answer."));
    const { user } = await open({ fake, at: `${orders}?review=${hold.id}` });
    expect(await page().findByRole("alert")).toHaveTextContent("Office NAS did not answer.");
    fake.mend("hold.review");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("grid", { name: "What went" })).toBeInTheDocument();
  });

  it("reads only the pages it needs, in any order, and an end that comes early", async () => {
    const hold = trip(fake.world, "Orders");
    setPlatform(fake);
    const list = new GoneList(hold.id);
    const last = await list.slice(3900, 200);
    expect(last.map((row) => row.id)).toEqual([3900, 3901, 3902, 3903].map((n) => String(10_017 + n * 3)));
    expect(fake.requests("hold.review")).toHaveLength(4);
    const across = await list.slice(995, 10);
    expect(across.map((row) => row.id)).toEqual(Array.from({ length: 10 }, (_, at) => String(10_017 + (995 + at) * 3)));
    expect(fake.requests("hold.review")).toHaveLength(4);
    fake.handle({ "hold.review": () => ({ hold, rows: [], bars: [] }) as HoldReviewReply });
    expect(await new GoneList(hold.id).slice(0, 200)).toEqual([]);
  });

  it("takes a number with or without marks between thousands", () => {
    expect(["3904", "3,904", "3.904", "3 904", "3’904", "3\u202f904"].map(typedNumber)).toEqual(Array(6).fill(3904));
    expect(["", "all", "39a4", "-3"].map(typedNumber)).toEqual(Array(4).fill(undefined));
  });
});

describe("coverage", () => {
  const at = "/sources/Product%20ops?tab=coverage";

  it("compares what is seen with what is saved, and names what fell out of reach", async () => {
    const { user } = await open({ fake, at });
    const table = await page().findByRole("table", { name: "What is seen and what is saved" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent)).toEqual([
      "hiringno longeruntil yesterday 09:00?––was 214",
      "draftsyesnot yet18––",
      "roadmapyesyes8428420+1",
      "meetingsyesyes3,1153,1140+4",
      "peopleyesyes48460",
      "bugsyesyes6,4056,4020+11",
    ]);
    expect(page().getByText("“hiring” fell out of reach")).toBeInTheDocument();
    expect(
      page().getByText(/^Its 214 records are safe in earlier backups of Product ops and stay there\./),
    ).toHaveTextContent("The newest with it is of yesterday 09:00.");
    await user.click(page().getByRole("button", { name: "Show me how to get it back in reach" }));
    expect(page().getByText(/renamed, moved or deleted at the source/)).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("counts gaps where they lie, and calls the files at the top so", async () => {
    await open({ fake, at: "/sources/Team%20wiki?tab=coverage" });
    const row = (await page().findByRole("rowheader", { name: "Hiring" })).closest("tr") as HTMLElement;
    expect(row).toHaveTextContent("Hiringyesyes21420113");
    expect(within(row).getByTitle(/^files\/Hiring\/interview-1\.pdf: /)).toHaveTextContent("13");
    expect(page().getByRole("rowheader", { name: "Files at the top" })).toBeInTheDocument();
  });

  it("looks again on request, and asks about an alarm from there", async () => {
    const hold = trip(fake.world, "Product ops", { coverageLost: { names: ["hiring"] } });
    const { user } = await open({ fake, at });
    await user.click(await page().findByRole("button", { name: "Look again" }));
    await waitFor(() => expect(fake.requests("source.coverage")).toHaveLength(2));
    await user.click(await page().findByRole("button", { name: "It was removed on purpose…" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Was “hiring” taken away on purpose?" }));
    expect(dialog.queryByRole("textbox", { name: /^Type/ })).toBeNull();
    await user.click(dialog.getByRole("button", { name: "Yes, release the hold" }));
    await waitFor(() => expect(fake.requests("hold.release")[0]).toEqual({ hold: hold.id, pin: true }));
    const past = await page().findByRole("region", { name: "Answered alarms" });
    expect(past).toHaveTextContent("“hiring” fell out of reach");
    expect(past).toHaveTextContent("by mara");
  });

  it("keeps the backup's rows when the source cannot be looked at", async () => {
    const reply = (await fake.answer("source.coverage", { name: "Orders" })) as CoverageReply;
    fake.handle({
      "source.coverage": () => ({ ...reply, problem: apiError("unreachable", "orders.db is not there.") }),
    });
    await open({ fake, at: "/sources/Orders?tab=coverage" });
    expect(await page().findByRole("alert")).toHaveTextContent("orders.db is not there.");
    expect(page().getByRole("rowheader", { name: "customers" })).toBeInTheDocument();
  });

  it("filters a thousand collections and shows them bit by bit", async () => {
    fake.handle({
      "source.coverage": () => ({
        rows: Array.from({ length: 1000 }, (_, n) => ({
          name: `table_${n}`,
          kind: "collection" as const,
          gaps: 0,
          sees: n,
          saved: n,
          last: n,
          state: "covered" as const,
        })),
      }),
    });
    const { user } = await open({ fake, at: "/sources/Orders?tab=coverage" });
    expect(await page().findByRole("button", { name: "Show 800 more" })).toBeInTheDocument();
    await user.type(page().getByRole("textbox", { name: "Filter by name" }), "table_99");
    await waitFor(() => expect(page().getByText("11 of 1,000 shown")).toBeInTheDocument());
    await user.type(page().getByRole("textbox", { name: "Filter by name" }), "zzz");
    expect(await page().findByText("Nothing has this name.")).toBeInTheDocument();
  });
});

describe("drills", () => {
  const at = "/sources/Orders?tab=drills";

  it("show how long it took and how old good backups got, with targets, as text too", async () => {
    await open({ fake, at });
    const recovery = await page().findByRole("region", { name: "If everything were gone: time to get it back" });
    expect(recovery).toHaveTextContent("10 min");
    expect(await within(recovery).findByRole("table")).toHaveTextContent("Thu 12 Nov");
    const ages = page().getByRole("region", { name: "Age of the newest good backup: what you could lose" });
    expect(ages).toHaveTextContent("26 min");
    const table = page().getByRole("table", { name: "Drills so far" });
    expect(table).toHaveAttribute("aria-rowcount", "11");
    const partial = within(table).getAllByRole("row")[4];
    expect(partial).toHaveTextContent("Partial");
    expect(partial).toHaveTextContent("99.8 %");
    expect(page().getByText(/The next one comes Sat 12 Dec/)).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);
  });

  it("start as a job, show how far it is, and end with what it found", async () => {
    const { user } = await open({ fake, at });
    await user.click(await page().findByRole("button", { name: "Drill now" }));
    await waitFor(() =>
      expect(fake.requests("job.start")).toEqual([
        { command: "drill.run", request: { source: "Orders", oneEach: false } },
      ]),
    );
    await fake.jobs.step("job-1");
    expect(await page().findByRole("button", { name: /Cancel/ })).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Drill now" })).toBeDisabled();
    await fake.jobs.finish("job-1");
    expect(await page().findByText("Everything came back, and it is the same")).toBeInTheDocument();
    await waitFor(() =>
      expect(page().getByRole("table", { name: "Drills so far" })).toHaveAttribute("aria-rowcount", "12"),
    );
  });

  it("that fail name what differs, and that the source was not touched", async () => {
    const { user } = await open({ fake, at });
    const [row] = drillsOf(fake.world, "Orders");
    fake.handle({
      "drill.run": () => ({
        ...row!,
        run: "bad",
        verdict: "failed",
        differing: 2,
        reason: ["damaged", "A pack of Office NAS is damaged."],
        differences: ["customers/17", "orders/9"],
      }),
    });
    await user.click(await page().findByRole("button", { name: "Drill now" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    await fake.jobs.finish("job-1");
    const note = (await page().findByText("The backup could not be restored in full")).parentElement as HTMLElement;
    expect(note).toHaveTextContent("A pack of Office NAS is damaged.");
    expect(note).toHaveTextContent("The source was not touched");
    expect(
      within(note)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(["customers/17", "orders/9"]);
  });

  it("that could not begin say why, and can be tried again", async () => {
    const { user } = await open({ fake, at });
    await user.click(await page().findByRole("button", { name: "Drill now" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
    await fake.jobs.finish("job-1", apiError("full", "The scratch place needs 3.9 GB and has 1.2 GB."));
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("The scratch place needs 3.9 GB and has 1.2 GB.");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(2));
  });

  it("that were never made are offered", async () => {
    const { user } = await open({ fake, at: "/sources/Contracts?tab=drills" });
    expect(await page().findByText("Never tried")).toBeInTheDocument();
    expect(page().getByText(/Nothing at the source is touched\./)).toBeInTheDocument();
    await user.click(page().getByRole("button", { name: "Drill now" }));
    await waitFor(() => expect(fake.requests("job.start")).toHaveLength(1));
  });

  it("need a backup first", async () => {
    findSource(fake.world, "Contracts").points = [];
    await open({ fake, at: "/sources/Contracts?tab=drills" });
    expect(await page().findByText("There is no backup to try yet.")).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Drill now" })).toBeDisabled();
  });
});

describe("a run that was late", () => {
  it("says by how much and why", async () => {
    const point = findSource(fake.world, "Harbour map").points.at(-1)!;
    fake.handle({
      "plan.proof": () => ({
        slots: [
          {
            due: new Date(Date.parse(point.time) - 12 * 60_000).toISOString(),
            last: new Date(Date.parse(point.time) - 12 * 60_000).toISOString(),
            count: 1,
            state: "caughtUp" as const,
            reason: "battery",
            started: point.time,
            run: point.run,
            attempts: 1,
          },
        ],
        moments: 1,
        kept: 1,
        reasons: [],
        watcher: { installed: false },
      }),
    });
    await open({ fake, at: "/sources/Harbour%20map" });
    expect(await page().findByText(/^12 min late: on battery/)).toBeInTheDocument();
  });

  it("is not late within two minutes", () => {
    const slot = { due: NOW.toISOString(), last: NOW.toISOString(), count: 1, state: "ran" as const, attempts: 1 };
    const began = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
    const t = ((key: string) => key) as never;
    expect(lateWords({ ...slot, started: began(90) }, t)).toBeUndefined();
    expect(lateWords({ ...slot, started: began(300) }, t)).toBe("sources:late.bare");
    expect(lateWords({ ...slot, started: began(300), reason: "asleep" }, t)).toBe("sources:late.why");
    expect(lateWords(slot, t)).toBeUndefined();
  });
});

describe("a pin", () => {
  it("is set under a name, shown in its row, and taken away", async () => {
    const { user } = await open({ fake, at: "/sources/Harbour%20map" });
    const menu = async () =>
      user.click((await page().findAllByRole("button", { name: /^More for the backup of/ }))[0] as HTMLElement);
    await menu();
    await user.click(await screen.findByRole("menuitem", { name: "Pin…" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByRole("button", { name: "Pin this backup" })).toBeDisabled();
    await user.type(dialog.getByRole("textbox", { name: "What to remember it by" }), "before the move{Enter}");
    expect(await page().findByText(/^Pinned: “before the move”/)).toBeInTheDocument();
    await menu();
    await user.click(await screen.findByRole("menuitem", { name: "Take the pin away" }));
    await waitFor(() => expect(page().queryByText(/^Pinned/)).toBeNull());
    expect(fake.requests("snapshot.pin").map((request) => request.name)).toEqual(["before the move", undefined]);
  });
});
