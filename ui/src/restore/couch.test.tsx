/** The wizard for the databases of a server. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { RestoreRequest } from "../api";
import { Fake } from "../platform/fake";
import { axeFindings, renderApp } from "../test/render";
import { exactSelection, setDatabase, setPart } from "./databaseTicks";
import { placeProblem, suggestedPlace } from "./places";
import { dropPlans } from "./plans";
import { quick } from "./quickFake";
import { everything, tickOf } from "./ticks";
import type { DatabaseContent } from "./useContent";

const SLOW = 20_000;
configure({ asyncUtilTimeout: SLOW, defaultHidden: true });
beforeEach(dropPlans);

function couchFake(databases: number | true = true): Fake {
  return quick(new Fake({ now: new Date("2026-11-20T09:41:00"), tick: 0, couch: databases }));
}

const question = (name: string) => screen.findByRole("heading", { level: 2, name });

async function next(user: UserEvent): Promise<void> {
  const main = () => document.querySelector<HTMLButtonElement>("footer button[data-variant=filled]");
  await waitFor(() => expect(main()).toBeEnabled());
  await user.click(main() as HTMLButtonElement);
}

function planned(fake: Fake): RestoreRequest[] {
  return fake.calls
    .filter(({ name, request }) => name === "job.start" && (request as { command: string }).command === "restore.plan")
    .map(({ request }) => (request as { request: RestoreRequest }).request);
}

async function toWhat(fake = couchFake()) {
  const drawn = renderApp({ at: "/restore?source=Harbour%20registry", fake });
  await question("From which point in time?");
  await screen.findAllByRole("radio");
  await next(drawn.user);
  await question("What do you want back?");
  await screen.findByRole("grid", { name: "Databases in this backup" });
  return { ...drawn, fake };
}

async function onlyBerths(user: UserEvent): Promise<void> {
  await user.click(screen.getByRole("checkbox", { name: "Everything in this backup" }));
  await user.click(await screen.findByRole("checkbox", { name: "Restore berths" }));
}

describe("databases", () => {
  it("come back whole, without what belongs to one server alone, under a new name", async () => {
    const { user, fake } = await toWhat();
    await onlyBerths(user);
    const detail = screen.getByRole("region", { name: "What comes back of berths" });
    expect(within(detail).getByRole("checkbox", { name: "Design documents (3)" })).toBeChecked();
    expect(within(detail).getByRole("checkbox", { name: "Settings (2)" })).toBeChecked();
    expect(within(detail).getByRole("checkbox", { name: "Local documents (3)" })).not.toBeChecked();
    expect(within(detail).getByText(/Bookmarks of replication/)).toBeVisible();
    expect(await axeFindings()).toEqual([]);
    await next(user);
    await question("Where should it go?");
    expect(await screen.findByRole("textbox", { name: "Name" })).toHaveValue("berths-restored");
    expect(screen.getByRole("radio", { name: /Whatever is right for each/ })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: /^The same revisions/ }));
    expect(await axeFindings()).toEqual([]);
    await next(user);
    await question("This is what will happen");
    await screen.findByRole("grid", { name: "Steps" });
    expect(planned(fake).at(-1)).toMatchObject({
      selection: { only: ["berths", "berths/@design", "berths/@settings"] },
      target: { new: "berths-restored" },
      policy: "skip",
      options: { revisions: "same" },
    });
  }, 120_000);

  it("of which only documents are ticked leave the rest out by name", async () => {
    const { user, fake } = await toWhat();
    await onlyBerths(user);
    await user.click(screen.getByRole("checkbox", { name: "Design documents (3)" }));
    await user.click(screen.getByRole("checkbox", { name: "Settings (2)" }));
    await next(user);
    await screen.findByRole("textbox", { name: "Name" });
    await next(user);
    await question("This is what will happen");
    await waitFor(() =>
      expect(planned(fake).at(-1)?.selection).toEqual({
        only: ["berths"],
        except: ["berths/@design", "berths/@settings"],
      }),
    );
  }, 120_000);

  it("several need a star, and what they will be called is shown", async () => {
    const { user } = await toWhat();
    await next(user);
    await question("Where should it go?");
    const field = await screen.findByRole("textbox", { name: "Names" });
    expect(field).toHaveValue("*-restored");
    expect(screen.getByRole("list", { name: "What they will be called" })).toHaveTextContent(
      "berths → berths-restored",
    );
    await user.clear(field);
    await user.type(field, "copy");
    expect(screen.getByText(/Several databases come back/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Make the preview" })).toBeDisabled();
    await user.clear(field);
    await user.type(field, "*-Copy");
    expect(screen.getByText(/^berths-Copy cannot be the name/)).toBeVisible();
  }, 120_000);

  it("go to another server, into what lives there, after the question of conflicts", async () => {
    const { user, fake } = await toWhat();
    await onlyBerths(user);
    await next(user);
    await user.click(await screen.findByRole("radio", { name: /^Another server/ }));
    expect(screen.getByRole("combobox", { name: "Server" })).toHaveValue("Standby registry");
    await next(user);
    await question("If something live was changed since?");
    await next(user);
    await question("This is what will happen");
    await waitFor(() =>
      expect(planned(fake).at(-1)).toMatchObject({ target: { source: { source: "Standby registry" } } }),
    );
  }, 120_000);
});

describe("documents", () => {
  it("are chosen by the beginning of their ids and by a selector; what is wrong with it stands beneath it", async () => {
    const { user, fake } = await toWhat();
    await onlyBerths(user);
    const detail = screen.getByRole("region", { name: "What comes back of berths" });
    await user.click(within(detail).getByRole("radio", { name: "That fit" }));
    expect(screen.getByRole("button", { name: "Continue" })).toBeDisabled();
    const selector = within(detail).getByRole("textbox", { name: "Selector" });
    await user.click(selector);
    await user.paste('{"type": "berth"');
    expect(within(detail).getByText(/This is not JSON yet/)).toBeVisible();
    await user.clear(selector);
    await user.paste('{"type": {"$almost": "berth"}}');
    await user.click(within(detail).getByRole("button", { name: "Count them" }));
    expect(await within(detail).findByText(/“\$almost” is no operator/)).toBeVisible();
    await user.clear(selector);
    await user.click(selector);
    await user.paste('{"type": "berth"}');
    await user.type(within(detail).getByRole("textbox", { name: "Id begins with" }), "berth:000000");
    await user.click(within(detail).getByRole("button", { name: "Count them" }));
    expect(await within(detail).findByText("9 documents fit")).toBeVisible();
    await user.click(screen.getByRole("checkbox", { name: "Design documents (3)" }));
    await user.click(screen.getByRole("checkbox", { name: "Settings (2)" }));
    await next(user);
    await screen.findByRole("textbox", { name: "Name" });
    await next(user);
    await question("This is what will happen");
    await waitFor(() =>
      expect(planned(fake).at(-1)?.selection).toEqual({
        only: [],
        matching: [{ collection: "berths", prefix: "berth:000000", selector: '{"type": "berth"}' }],
      }),
    );
  }, 120_000);

  it("say in the preview how they come back, and what cannot", async () => {
    const { user } = await toWhat();
    await onlyBerths(user);
    await next(user);
    await screen.findByRole("textbox", { name: "Name" });
    await next(user);
    const grid = await screen.findByRole("grid", { name: "Steps" });
    await user.click(await within(grid).findByText(/2 conflicting revisions come back too/));
    const detail = screen.getByRole("region", { name: /^Step: Berth/ });
    expect(within(detail).getByRole("heading", { name: "How it comes back" })).toBeVisible();
    expect(await within(detail).findByText("2 versions in conflict come back too")).toBeVisible();
    expect(within(detail).queryByText("_conflicts")).toBeNull();
    await user.click(screen.getByRole("radio", { name: /Not possible/ }));
    expect((await screen.findAllByText(/does not have the attachment “survey.pdf”/)).length).toBeGreaterThan(0);
  }, 120_000);
});

describe("after a restore into a living server", () => {
  it("conflicts are named, with the way to them", async () => {
    const fake = couchFake();
    fake.handle({
      "conflict.list": () => ({
        conflicts: [{ collection: "berths", id: "berth:0000004", versions: 3 }],
        gaps: [],
      }),
    });
    const { user } = await toWhat(fake);
    await onlyBerths(user);
    await next(user);
    await user.click(await screen.findByRole("radio", { name: /^Back in place/ }));
    await next(user);
    await question("If something live was changed since?");
    await user.click(screen.getByRole("radio", { name: /^The backup wins/ }));
    await next(user);
    await screen.findByRole("grid", { name: "Steps" });
    await next(user);
    await question("Restored, and read back");
    expect(await screen.findByText("1 document of Harbour registry is in conflict.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Look at the conflicts" })).toHaveAttribute(
      "href",
      "/sources/Harbour%20registry?tab=conflicts",
    );
    expect(screen.getByRole("button", { name: /Undo this restore/ })).toBeVisible();
  }, 120_000);
});

describe("two thousand databases", () => {
  it("are found by name and ticked together", async () => {
    const { user, fake } = await toWhat(couchFake(2000));
    await user.click(screen.getByRole("checkbox", { name: "Everything in this backup" }));
    await user.type(screen.getByRole("textbox", { name: "Find a database" }), "customer-19");
    expect(await screen.findByText("100 databases found.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Tick what was found" }));
    expect(await screen.findByText(/from 100 databases/)).toBeVisible();
    await next(user);
    expect(await screen.findByRole("textbox", { name: "Names" })).toHaveValue("*-restored");
    await next(user);
    await question("This is what will happen");
    await waitFor(() => expect(planned(fake).at(-1)?.selection.only).toHaveLength(300));
  }, 120_000);
});

describe("choices", () => {
  const one = (name: string, kind: "table" | "aside" = "table") => ({
    name,
    kind,
    schema: { fields: [], key: [] },
    records: 3,
  });
  const database: DatabaseContent = {
    name: "a",
    documents: one("a"),
    parts: { design: one("a/@design"), settings: one("a/@settings"), local: one("a/@local", "aside") },
  };
  const tops = ["a", "a/@design", "a/@settings", "b"];
  const none = { ticks: { all: false, only: [], except: [] }, matching: {} };

  it("of a database are its usual parts, and nothing of it after it was unticked", () => {
    const on = setDatabase(none, database, true, tops);
    expect(on.ticks.only).toEqual(["a", "a/@design", "a/@settings"]);
    const local = setPart(on, "a/@local", true, true, tops);
    expect(local.ticks.only).toContain("a/@local");
    expect(setDatabase(local, database, false, tops).ticks.only).toEqual([]);
    expect(setDatabase({ ticks: everything, matching: {} }, database, false, tops).ticks.only).toEqual(["b"]);
  });

  it("of parts say nothing about the documents", () => {
    const parts = setPart(none, "a/@design", false, true, tops);
    expect(tickOf(parts.ticks, { key: "a", parents: [], rooted: true })).toBe("off");
    expect(exactSelection({ only: ["a/@design"] }, [database])).toEqual({ only: ["a/@design"] });
    expect(exactSelection({ only: ["a", "a/@design"] }, [database])).toEqual({ only: ["a", "a/@design"] });
    expect(exactSelection({ only: ["a", "a/x"] }, [database])).toEqual({
      only: ["a", "a/x"],
      except: ["a/@design", "a/@settings"],
    });
  });

  it("of names are judged before the server does", () => {
    expect(suggestedPlace("*-restored", ["notes"])).toBe("notes-restored");
    expect(suggestedPlace("*-restored", ["a", "b"])).toBe("*-restored");
    expect(placeProblem("*-x", ["a", "_users"], "couchdb", true)).toEqual({ problem: "invalid", name: "_users-x" });
    expect(placeProblem("*", ["a"], "couchdb", true)).toEqual({ problem: "same", name: "a" });
    expect(placeProblem("*", ["a"], "couchdb", false)).toBeNull();
    expect(placeProblem("**", ["a"], "couchdb", false)).toEqual({ problem: "stars" });
    expect(placeProblem("archive/*+2", ["a", "b"], "couchdb", true)).toBeNull();
  });
});
