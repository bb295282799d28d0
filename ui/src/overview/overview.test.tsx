/** The overview: the sentence, what needs a person, the facts, many sources, the sample. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { vaultState } from "../platform/fake/vaults";
import { axeFindings, NOW, type RenderSettings, renderApp } from "../test/render";

configure({ asyncUtilTimeout: 5000 });
// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await Promise.all([import("../views/OverviewView"), import("../views/WelcomeView")]);
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

/** Every newest run ends well. */
function heal() {
  for (const source of fake.world.sources) {
    const last = source.points.at(-1);
    if (last) {
      Object.assign(last, { verdict: "complete", gaps: 0, snapshot: "ab".repeat(32), vault: "Office NAS" });
      delete last.reason;
    }
    source.gaps = [];
  }
}

/** The window at an address, once its frame stands. */
async function open(settings: RenderSettings) {
  const drawn = renderApp(settings);
  await screen.findByRole("main");
  return drawn;
}
const page = () => within(screen.getByRole("main"));

describe("the overview", () => {
  it("says at once that everything is well, and the four facts", async () => {
    heal();
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Everything is backed up." })).toBeInTheDocument();
    const term = await page().findByText("Most you could lose now");
    expect(term.parentElement).toHaveTextContent("10 h of Field notes");
    expect(page().getByText("Missing from the newest backups").parentElement).toHaveTextContent("0 of 16,261 files");
    expect(page().queryByRole("region", { name: "What needs you" })).toBeNull();
    expect(await axeFindings()).toEqual([]);
  });

  it("names what needs a person, the worst first, with cause and consequence", async () => {
    const { user, where } = await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Two sources need you." })).toBeInTheDocument();
    expect(page().getByText(/The other five are backed up\./)).toBeInTheDocument();
    const items = within(page().getByRole("region", { name: "What needs you" })).getAllByRole("listitem");
    expect(items[0]).toHaveTextContent("Field notes: no backup for 3 days 1 h.");
    expect(items[0]).toHaveTextContent("permission denied");
    expect(items[0]).toHaveTextContent(/The backup of .* is complete\./);
    expect(items[1]).toHaveTextContent("Team wiki: saved, with 13 gaps.");
    expect(items[1]).toHaveTextContent("files/Hiring/interview-1.pdf and 12 more are missing.");
    expect(page().queryByText("Most you could lose now")).toBeNull();
    await user.click(within(items[1] as HTMLElement).getByRole("link", { name: "See the gaps" }));
    expect(where()).toBe("/sources/Team%20wiki");
  });

  it("tries a failed source again as a job, once", async () => {
    const { user } = await open({ fake });
    const list = await screen.findByRole("region", { name: "What needs you" });
    const item = within(list).getAllByRole("listitem")[0] as HTMLElement;
    await user.click(within(item).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(item).getByRole("button", { name: "Running" })).toBeDisabled());
    expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { sources: ["Field notes"] } }]);
  });

  it("backs up everything", async () => {
    heal();
    const { user } = await open({ fake });
    const button = await page().findByRole("button", { name: "Back up all" });
    await user.click(button);
    await waitFor(() => expect(button).toBeDisabled());
    expect(fake.requests("job.start")).toEqual([{ command: "backup", request: { all: true } }]);
  });

  it("says why backups could not be started", async () => {
    heal();
    fake.fail("job.start", apiError("locked", "Another Backstay works here."), 1);
    const { user } = await open({ fake });
    await user.click(await page().findByRole("button", { name: "Back up all" }));
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("Another Backstay works here.");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(page().queryByRole("alert")).toBeNull());
    expect(fake.requests("job.start")).toHaveLength(2);
  });

  it("says that the first backup runs", async () => {
    fake.world.sources.splice(1);
    Object.assign(fake.world.sources[0]!, { points: [], gaps: [] });
    fake.world.sources[0]!.row.lastVerdict = null;
    fake.jobs.put({ request: { sources: ["Team wiki"], all: false } });
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Your first backup is running." })).toBeInTheDocument();
  });

  it("tells of a damaged vault before anything else", async () => {
    heal();
    const check = vaultState(fake.world, "Office NAS").checks[0]!;
    check.row.verdict = "failed";
    check.row.reason = ["damaged", "2 problems"];
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "One vault needs you." })).toBeInTheDocument();
    expect(page().getByText("Office NAS: some of it cannot be read.")).toBeInTheDocument();
    expect(page().getByRole("link", { name: "See the damage" })).toHaveAttribute("href", "/vaults/Office%20NAS");
  });

  it("groups many sources by state and folds the good ones", async () => {
    heal();
    const model = fake.world.sources[1]!;
    for (let n = 0; n < 60; n++) {
      const copy = structuredClone(model);
      copy.row.id += n;
      copy.row.name = `Copy ${n}`;
      fake.world.sources.push(copy);
    }
    const { user } = await open({ fake });
    const fold = await page().findByRole("button", { name: /^Complete 67$/ });
    expect(fold).toHaveAttribute("aria-expanded", "false");
    expect(page().queryByRole("link", { name: "Copy 7" })).toBeNull();
    await user.click(fold);
    expect(page().getByRole("link", { name: "Copy 7" })).toBeInTheDocument();
    expect(page().getByRole("button", { name: "Show 7 more" })).toBeInTheDocument();
  });

  it("leaves the stays out of narrow windows", async () => {
    await open({ fake, width: 600 });
    await screen.findByRole("heading", { level: 1, name: "Two sources need you." });
    expect(page().queryByRole("group", { name: "Backups of Orders" })).toBeNull();
    expect(page().getByRole("link", { name: "Orders" })).toBeInTheDocument();
  });

  it("moves between rows with arrow keys", async () => {
    const { user } = await open({ fake });
    const first = await page().findByRole("link", { name: "Billing" });
    first.focus();
    await user.keyboard("{ArrowDown}");
    expect(page().getByRole("link", { name: "Contracts" })).toHaveFocus();
    await user.keyboard("{End}");
    expect(page().getByRole("link", { name: "Team wiki" })).toHaveFocus();
  });

  it("shows what went wrong where it went wrong, and tries again", async () => {
    fake.fail("overview", apiError("unreachable", "The state directory did not answer."));
    const { user } = await open({ fake });
    const alert = await page().findByRole("alert");
    expect(alert).toHaveTextContent("The state directory did not answer.");
    fake.mend("overview");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Two sources need you." })).toBeInTheDocument();
  });

  it("is the first run while there is nothing", async () => {
    const { where } = await open({ fake: new Fake({ now: NOW, tick: 0, empty: true }) });
    expect(
      await screen.findByRole("heading", { level: 1, name: "Back up what lives in your apps." }),
    ).toBeInTheDocument();
    expect(where()).toBe("/welcome");
  });

  it("speaks German", async () => {
    fake.world.settings.language = "de";
    await open({ fake });
    expect(await screen.findByRole("heading", { level: 1, name: "Zwei Quellen brauchen Sie." })).toBeInTheDocument();
  });
});

describe("the sample", () => {
  it("can be broken, and is removed only after a question", async () => {
    await fake.answer("sample.create", {});
    const { user } = await open({ fake });
    await user.click(await page().findByRole("button", { name: "Break something" }));
    expect(await page().findByText(/12 tasks of “Harbour festival” were deleted/)).toBeInTheDocument();
    expect(page().getAllByText("Sample").length).toBe(2);
    await user.click(page().getByRole("button", { name: "Remove the sample…" }));
    const dialog = await screen.findByRole("dialog", { name: "Remove the sample workspace?" });
    expect(within(dialog).getByRole("button", { name: "Keep it" })).toHaveFocus();
    expect(fake.requests("sample.remove")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Remove the sample" }));
    await waitFor(() => expect(page().queryByRole("link", { name: "Sample workspace" })).toBeNull());
    expect(page().getByRole("link", { name: "Orders" })).toBeInTheDocument();
  });
});
