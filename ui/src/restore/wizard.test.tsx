/** The wizard as a person uses it, against the fake. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { beforeEach, describe, expect, it } from "vitest";
import type { RestoreRequest } from "../api";
import type { Fake } from "../platform/fake";
import { apiError } from "../platform/fake";
import { axeFindings, type Drawn, render, renderApp } from "../test/render";
import { dropPlans } from "./plans";
import { quickFake } from "./quickFake";
import { RestoreRun } from "./RestoreRun";
import { RestoreWizard } from "./RestoreWizard";

/** Jobs of the fake take some steps, and machines that test are busy. */
const SLOW = 8000;
configure({ asyncUtilTimeout: SLOW, defaultHidden: true });

beforeEach(dropPlans);

/** The pages without the frame around them. */
function open(at: string, fake = quickFake()): Drawn {
  const pages = (
    <Routes>
      <Route path="/restore" element={<RestoreWizard />} />
      <Route path="/restore/job/:job" element={<RestoreRun id="job-2" />} />
    </Routes>
  );
  return render(pages, { at, fake });
}

const question = (name: string | RegExp) => screen.findByRole("heading", { level: 2, name });

/** The main action of the page. */
async function next(user: UserEvent): Promise<void> {
  const main = () => document.querySelector<HTMLButtonElement>("footer button[data-variant=filled]");
  await waitFor(() => expect(main()).toBeEnabled());
  await user.click(main() as HTMLButtonElement);
}

/** The main action by keyboard, as soon as it can be pressed. */
async function press(user: UserEvent): Promise<void> {
  await waitFor(() => expect(document.querySelector("footer button[data-variant=filled]")).toBeEnabled());
  await user.keyboard("{Control>}{Enter}{/Control}");
}

function planned(fake: Fake): RestoreRequest[] {
  return fake.calls
    .filter(({ name, request }) => name === "job.start" && (request as { command: string }).command === "restore.plan")
    .map(({ request }) => (request as { request: RestoreRequest }).request);
}

async function oldest(user: UserEvent): Promise<void> {
  const points = await screen.findAllByRole("radio");
  const point = points.at(-1);
  if (point) {
    await user.click(point);
  }
}

/** Back in place, from the oldest backup, to the preview. */
async function toPreview(user: UserEvent, policy?: RegExp): Promise<void> {
  await question("From which point in time?");
  await oldest(user);
  await next(user);
  await question("What do you want back?");
  await screen.findByRole("treeitem", { name: /roadmap/ });
  await next(user);
  await question("Where should it go?");
  await user.click(await screen.findByRole("radio", { name: /Back in place/ }));
  await next(user);
  await question("If something live was changed since?");
  if (policy) {
    await user.click(screen.getByRole("radio", { name: policy }));
  }
  await next(user);
  await question("This is what will happen");
  await screen.findByRole("grid", { name: "Steps" });
}

describe("the wizard", () => {
  it("goes from a source to a report with the keyboard alone", async () => {
    const { user, fake } = renderApp({ at: "/restore?source=Product%20ops", fake: quickFake() });
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    expect(
      screen.getByText("Nothing is written before you press Restore in step 5. You can leave at any time."),
    ).toBeVisible();
    await press(user);

    await question("What do you want back?");
    const everything = await screen.findByRole("checkbox", { name: "Everything in this backup" });
    everything.focus();
    await user.keyboard(" ");
    expect(screen.getByText("Nothing is ticked yet.")).toBeVisible();
    await user.tab();
    expect(document.activeElement).toHaveAttribute("role", "treeitem");
    await user.keyboard("{ArrowRight}");
    await screen.findByRole("treeitem", { name: "Q1 launch checklist 3 attachments" });
    await user.keyboard("{ArrowDown} ");
    expect(screen.getByText("1 record")).toBeVisible();
    await press(user);

    await question("Where should it go?");
    expect(await screen.findByDisplayValue(/\/home\/mara\/Restored\/Product ops/)).toBeVisible();
    expect(screen.getByRole("radio", { name: /A new place/ })).toBeChecked();
    await press(user);

    await question("This is what will happen");
    const run = await screen.findByRole("button", { name: "Restore 1 item" });
    await waitFor(() => expect(run).toBeEnabled());
    await press(user);

    await question("Restored, and read back");
    expect(screen.getByText("The one item is identical to the backup.")).toBeVisible();
    expect(planned(fake).at(-1)).toMatchObject({
      selection: { only: ["roadmap/1"] },
      target: { new: expect.stringContaining("/home/mara/Restored/Product ops") },
    });
  }, 60_000);

  it("keeps choices on the way back, and when the window is opened again", async () => {
    const { user, fake, unmount } = open("/restore?source=Product%20ops");
    await question("From which point in time?");
    await oldest(user);
    await next(user);
    await user.click(await screen.findByRole("checkbox", { name: "Everything in this backup" }));
    const item = await screen.findByRole("treeitem", { name: /people/ });
    item.focus();
    await user.keyboard(" ");
    await next(user);
    await question("Where should it go?");
    const path = await screen.findByRole("textbox", { name: "New place" });
    await user.clear(path);
    await user.type(path, "/tmp/here");
    await user.click(screen.getByRole("button", { name: "Back" }));
    await question("What do you want back?");
    expect(await screen.findByRole("treeitem", { name: /people/ })).toHaveAttribute("aria-selected", "true");
    await user.click(screen.getByRole("button", { name: "Back" }));
    await question("From which point in time?");
    const points = await screen.findAllByRole("radio");
    expect(points.at(-1)).toBeChecked();

    unmount();
    open("/restore?source=Product%20ops&step=where", fake);
    await question("Where should it go?");
    expect(screen.getByRole("textbox", { name: "New place" })).toHaveValue("/tmp/here");
  });

  it("takes a typed time to the newest good backup before it", async () => {
    const { user } = open("/restore?source=Product%20ops");
    const field = await screen.findByRole("textbox", { name: "Date and time" });
    await user.clear(field);
    await user.type(field, "17 November 2026, 23:00");
    expect(screen.getByText(/Tuesday 17 November/)).toBeVisible();
    await user.clear(field);
    await user.type(field, "sometime");
    expect(screen.getByText(/not a date Backstay understands/)).toBeVisible();
  });

  it("names the gaps of a partial backup", async () => {
    const { user } = open("/restore?source=Team%20wiki");
    await user.click(await screen.findByRole("radio", { name: /Partial/ }));
    expect(await screen.findByText("13 things are missing from this backup.")).toBeVisible();
  });

  it("says why it cannot go back in place", async () => {
    const { user } = open("/restore?source=Field%20notes");
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    await next(user);
    await screen.findByRole("treeitem", { name: /Files/ });
    await next(user);
    const place = await screen.findByRole("radio", { name: /The folder cannot be opened: permission denied/ });
    expect(place).toBeDisabled();
  });

  it("names pasted ids that are not in the backup", async () => {
    const { user } = open("/restore?source=Product%20ops");
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    await next(user);
    await user.click(await screen.findByRole("button", { name: "Paste ids…" }));
    const dialog = await screen.findByRole("dialog", { name: "Paste ids" });
    await user.type(await within(dialog).findByRole("textbox", { name: "Ids" }), "roadmap/2\npeople/3\nroadmap/nobody");
    await user.click(within(dialog).getByRole("button", { name: "Tick 3 items" }));
    expect(await within(dialog).findByText("1 is not in this backup:")).toBeVisible();
    expect(within(dialog).getByRole("note")).toHaveTextContent("roadmap/nobody");
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("2 records")).toBeVisible();
  });

  it("finds records by search and ticks them where they stand", async () => {
    const fake = quickFake();
    const list = await fake.answer("browse.list", { at: { snapshot: "live:Product ops" }, limit: 1 });
    fake.handle({
      "browse.list": (request) =>
        request.collection
          ? { files: [], more: false }
          : request.search
            ? {
                records: [{ id: "4", data: { name: "Retire the old import job" } }],
                recordCollections: ["roadmap"],
                more: false,
              }
            : (list as never),
    });
    const { user } = open("/restore?source=Product%20ops", fake);
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    await next(user);
    await user.click(await screen.findByRole("checkbox", { name: "Everything in this backup" }));
    await user.type(screen.getByRole("textbox", { name: "Search by name or content" }), "import");
    await user.click(await screen.findByRole("checkbox", { name: /Retire the old import job/ }));
    expect(screen.getByText("1 record")).toBeVisible();
  });
});

describe("the preview", () => {
  it("makes a new plan for what is unticked, and shows it still", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    const button = await screen.findByRole("button", { name: /^Restore \d+ items$/ });
    const before = Number(/\d+/.exec(button.textContent ?? "")?.[0]);
    const boxes = await screen.findAllByRole("checkbox", { name: /^Take in roadmap/ });
    await user.click(boxes[0] as HTMLElement);
    await waitFor(() => expect(planned(fake).at(-1)?.selection.except).toEqual(["roadmap/1"]));
    expect(await screen.findByRole("button", { name: `Restore ${before - 1} items` })).toBeVisible();
    expect(screen.getAllByRole("checkbox", { name: "Take in roadmap/1" })[0]).not.toBeChecked();
  });

  it("unticks with the space bar", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    await screen.findAllByRole("checkbox", { name: /^Take in roadmap/ });
    screen.getByRole("grid", { name: "Steps" }).focus();
    await user.keyboard("{ArrowDown} ");
    await waitFor(() => expect(planned(fake).at(-1)?.selection.except).toHaveLength(1));
  });

  it("stops making a plan that nobody waits for any more", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    fake.handle(fake.jobs.handlers());
    const boxes = await screen.findAllByRole("checkbox", { name: /^Take in roadmap/ });
    await user.click(boxes[0] as HTMLElement);
    await waitFor(() => expect(planned(fake).at(-1)?.selection.except).toHaveLength(1));
    await user.click(boxes[1] as HTMLElement);
    await waitFor(() => expect(fake.requests("job.cancel")).toHaveLength(1));
    await waitFor(() => expect(planned(fake).at(-1)?.selection.except).toHaveLength(2));
  });

  it("runs only what is ticked again after everything was unticked", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    await user.click(await screen.findByRole("checkbox", { name: "Take in all steps shown" }));
    expect(screen.getByRole("button", { name: "Restore 0 items" })).toBeDisabled();
    const boxes = await screen.findAllByRole("checkbox", { name: /^Take in roadmap/ });
    await user.click(boxes[1] as HTMLElement);
    await waitFor(() => expect(planned(fake).at(-1)?.selection.only).toHaveLength(1));
    expect(await screen.findByRole("button", { name: "Restore 1 item" })).toBeEnabled();
  });

  it("asks for the passphrase of the app lock, and gives it to the run alone", async () => {
    const fake = quickFake();
    const { user } = renderApp({ at: "/restore?source=Product%20ops&target=inPlace", fake });
    await toPreview(user, /The backup wins/);
    const start = fake.call.bind(fake);
    fake.call = async (name, request, options) => {
      const restores = name === "job.start" && (request as { command: string }).command === "restore.run";
      if (restores && options?.passphrase !== "mast") {
        throw apiError("appLocked", "Restoring is protected.");
      }
      return start(name, request, options);
    };
    await user.click(await screen.findByRole("button", { name: /^Restore \d+ items$/ }));
    const dialog = await screen.findByRole("dialog", { name: "Passphrase of the app lock" });
    await user.type(within(dialog).getByLabelText(/^Passphrase/), "mast");
    await user.click(within(dialog).getByRole("button", { name: "Go on" }));
    await question("Restored, and read back");
  }, 60_000);

  it("brings back single fields", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    const changes = await screen.findByRole("table", { name: "Changes, field by field" });
    await user.click(within(changes).getByRole("checkbox", { name: "status" }));
    await waitFor(() => expect(planned(fake).at(-1)?.selection.fields).toHaveLength(1));
    const [pick] = planned(fake).at(-1)?.selection.fields ?? [];
    expect(pick?.record).toBe("roadmap/1");
    expect(pick?.fields).not.toContain("/status");
    expect(within(changes).getByText("stays as it is live")).toBeVisible();
    await waitFor(() => expect(screen.getByRole("button", { name: /^Restore \d+ items$/ })).toBeEnabled());
    expect(screen.queryByText(/changed since this preview/)).toBeNull();
  });

  it("waits for decisions, takes them one by one, and makes a new plan for each", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /Ask me for each/);
    expect(await screen.findByText(/conflicts? waits? for your decision/)).toBeVisible();
    expect(screen.getByRole("button", { name: /^Restore/ })).toBeDisabled();
    await user.click(await screen.findByRole("radio", { name: "Backup" }));
    await waitFor(() => expect(planned(fake).at(-1)?.decisions).toEqual([["roadmap/1", "remote"]]));
    const detail = screen.getByRole("region", { name: /Step:/ });
    expect(await within(detail).findByText("Update")).toBeVisible();
    expect(within(detail).getByRole("radio", { name: "Backup" })).toBeChecked();
  });

  it("filters by kind and finds by text", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    await user.click(await screen.findByRole("radio", { name: /Same/ }));
    expect(await screen.findByText(/are as in the backup. They are not touched./)).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /Update/ }));
    await waitFor(() => expect(fake.requests("restore.steps").at(-1)).toMatchObject({ action: "update" }));
    await user.type(screen.getByRole("textbox", { name: "Find" }), "no such thing");
    expect(await screen.findByText("No step with “no such thing”.")).toBeVisible();
  });

  it("says when there is nothing to do", async () => {
    const fake = quickFake();
    const plan = fake.answer.bind(fake);
    fake.answer = async (name, request, options) => {
      const reply = (await plan(name, request, options)) as { plan: { counts: Record<string, number> } };
      if (name === "restore.plan") {
        Object.assign(reply.plan.counts, { create: 0, update: 0, skip: 0, same: 1292 });
      }
      return reply;
    };
    const { user } = open("/restore?source=Product%20ops", fake);
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    await next(user);
    await screen.findByRole("treeitem", { name: /roadmap/ });
    await next(user);
    await screen.findByDisplayValue(/Restored/);
    await next(user);
    expect(await screen.findByText("Nothing to do: all 1,292 items are as in the backup.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Restore/ })).toBeNull();
  });

  it("saves the plan where the person says", async () => {
    const { user, fake } = open("/restore?source=Product%20ops");
    await toPreview(user, /The backup wins/);
    await user.click(await screen.findByRole("button", { name: "Save plan…" }));
    expect(await screen.findByText("Plan saved as /home/mara/saved")).toBeVisible();
    expect(fake.requests("restore.savePlan")).toHaveLength(1);
  });

  it("shows why a plan could not be made, and makes it again", async () => {
    const fake = quickFake();
    fake.fail("restore.plan", apiError("unreachable", "Office NAS did not answer."));
    const { user } = open("/restore?source=Product%20ops", fake);
    await question("From which point in time?");
    await screen.findAllByRole("radio");
    await next(user);
    await screen.findByRole("treeitem", { name: /roadmap/ });
    await next(user);
    await screen.findByDisplayValue(/Restored/);
    await next(user);
    expect(await screen.findByText("Office NAS did not answer.")).toBeVisible();
    fake.mend("restore.plan");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("grid", { name: "Steps" })).toBeVisible();
  });

  it("shows a saved plan as it is", async () => {
    const fake = quickFake();
    const snapshots = (await fake.answer("snapshot.list", { source: "Product ops" })) as {
      snapshots: { id: string }[];
    };
    const made = (await fake.answer("restore.plan", {
      from: { snapshot: { snapshot: snapshots.snapshots[0]?.id ?? "" } },
      selection: { only: ["people"] },
      target: "inPlace",
      policy: "remote",
    })) as { path: string };
    open(`/restore?plan=${encodeURIComponent(made.path)}`, fake);
    await question("A saved plan");
    expect(await screen.findByRole("grid", { name: "Steps" })).toBeVisible();
    expect(screen.queryByRole("checkbox", { name: /^Take in/ })).toBeNull();
    expect(screen.getByRole("button", { name: /^Restore \d+ items?$/ })).toBeEnabled();
  });

  it("has nothing that axe finds wrong", async () => {
    const { user } = open("/restore?source=Product%20ops");
    await toPreview(user, /Ask me for each/);
    await screen.findByRole("region", { name: /Step:/ });
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });
});
