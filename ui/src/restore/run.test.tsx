/** A restore as a job: progress, cancel, report, undo, going on. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { Route, Routes, useParams } from "react-router";
import { describe, expect, it } from "vitest";
import type { RestoreReply } from "../api";
import { apiError, Fake } from "../platform/fake";
import { axeFindings, type Drawn, NOW, render } from "../test/render";
import { quick } from "./quickFake";
import { RestoreRun } from "./RestoreRun";

/** Jobs of the fake take some steps, and machines that test are busy. */
const SLOW = 8000;
configure({ asyncUtilTimeout: SLOW, defaultHidden: true });

function Page() {
  return (
    <Routes>
      <Route path="/restore/job/:job" element={<Job />} />
      <Route path="*" element={null} />
    </Routes>
  );
}

function Job() {
  const { job = "" } = useParams();
  return <RestoreRun id={job} />;
}

async function planOf(fake: Fake): Promise<string> {
  const { snapshots } = (await fake.answer("snapshot.list", { source: "Product ops" })) as {
    snapshots: { id: string }[];
  };
  const request = {
    from: { snapshot: { snapshot: snapshots[0]?.id ?? "" } },
    selection: { only: ["roadmap"] },
    target: "inPlace" as const,
    policy: "remote" as const,
  };
  return ((await fake.answer("restore.plan", request)) as { path: string }).path;
}

async function running(): Promise<Drawn & { job: string }> {
  const fake = new Fake({ now: NOW, tick: 0 });
  const path = await planOf(fake);
  const job = (await fake.answer("job.start", { command: "restore.run", request: { path } })) as { id: string };
  // From now on jobs end at once.
  quick(fake);
  return { ...render(<Page />, { at: `/restore/job/${job.id}`, fake }), job: job.id };
}

describe("a running restore", () => {
  it("shows its stage, how far it is, and that the window may be closed", async () => {
    const { fake, job } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    fake.jobs.change(job, {
      progress: { stage: "writing", current: "roadmap/7", items: 538, itemsTotal: 1252, bytes: 0, bytesTotal: null },
      itemsPerSecond: 3,
      secondsLeft: 420,
    });
    expect(await screen.findByRole("heading", { name: "Restoring 1,252 items" })).toBeVisible();
    expect(screen.getByText("538 of 1,252")).toBeVisible();
    expect(screen.getByText("7 min left")).toBeVisible();
    expect(screen.getByText(/You can close the window/)).toBeVisible();
    const current = screen.getByText("Written").closest("li");
    expect(current).toHaveAttribute("aria-current", "step");
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("asks before it stops, and tells what stays", async () => {
    const { user, fake, job } = await running();
    await user.click(await screen.findByRole("button", { name: "Cancel…" }));
    const dialog = await screen.findByRole("dialog", { name: "Stop this restore?" });
    await user.click(within(dialog).getByRole("button", { name: "Stop it" }));
    expect(fake.requests("job.cancel")).toEqual([{ job }]);
    fake.jobs.change(job, { run: "7c1e90ab1234" });
    await fake.jobs.finish(job, apiError("cancelled", "Cancelled."));
    expect(await screen.findByRole("heading", { name: "The restore was cancelled" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Continue" })).toBeVisible();
  });
});

describe("the report", () => {
  it("scores what was read back and names what differs", async () => {
    const { fake, job } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    await fake.jobs.finish(job);
    expect(await screen.findByRole("heading", { name: "Restored, and read back" })).toBeVisible();
    expect(screen.getByRole("heading", { name: /\d+ of \d+ items are identical to the backup/ })).toBeVisible();
    expect(screen.getByRole("img", { name: /^9\d\.\d % the same$/ })).toBeVisible();
    expect(screen.getByText("1 difference")).toBeVisible();
    expect(screen.getByText("roadmap/4")).toBeVisible();
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });

  it("never rounds to 100 what is not whole", async () => {
    const { fake, job } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    await fake.jobs.finish(job);
    const reply = fake.jobs.get(job).reply as RestoreReply;
    fake.jobs.change(job, { reply: { ...reply, readBack: { ...reply.readBack, score: 99.99 } } });
    expect(await screen.findByRole("img", { name: "99.9 % the same" })).toBeVisible();
  });

  it("takes the restore back after asking once", async () => {
    const { user, fake, where, job } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    await fake.jobs.finish(job);
    await user.click(await screen.findByRole("button", { name: "Undo this restore…" }));
    const dialog = await screen.findByRole("dialog", { name: "Undo this restore?" });
    expect(within(dialog).getByRole("button", { name: "Leave it as it is" })).toHaveFocus();
    await user.click(within(dialog).getByRole("button", { name: "Undo this restore" }));
    expect(await screen.findByRole("heading", { name: "The restore was taken back" })).toBeVisible();
    expect(where()).toMatch(/^\/restore\/job\/job-2/);
    expect(fake.jobs.get("job-2").command).toBe("restore.undo");
    expect(screen.queryByRole("button", { name: "Undo this restore…" })).toBeNull();
  });

  it("goes on with an interrupted restore", async () => {
    const { user, fake, job } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    fake.jobs.change(job, { run: "7c1e90ab1234" });
    await fake.jobs.finish(job, apiError("io", "The disk was taken out."));
    expect(await screen.findByText("The disk was taken out.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Continue" }));
    expect(await screen.findByRole("heading", { name: "Restored, and read back" })).toBeVisible();
    expect(fake.jobs.get("job-2").request).toEqual({ run: "7c1e90ab1234" });
  });

  it("that is not known any more leads on to what was interrupted", async () => {
    const fake = quick(new Fake({ now: NOW, tick: 0 }));
    await planOf(fake);
    const row = {
      id: "7c1e90ab1234",
      kind: "restore" as const,
      source: "Product ops",
      started: NOW.toISOString(),
      canUndo: false,
      canResume: true,
    };
    fake.handle({ "run.list": () => ({ runs: [row] }) });
    const { user } = render(<Page />, { at: "/restore/job/gone", fake });
    expect(await screen.findByText("A restore of Product ops was interrupted.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Continue" }));
    expect(await screen.findByRole("heading", { name: "Restored, and read back" })).toBeVisible();
    expect(fake.jobs.get("job-1").request).toEqual({ run: "7c1e90ab1234" });
  });

  it("offers a new preview when the live side moved", async () => {
    const { user, fake, job, where } = await running();
    await screen.findByRole("heading", { name: /Restoring/ });
    await fake.jobs.finish(job, apiError("changed", "3 records changed since the plan was made."));
    expect(await screen.findByText("Nothing was written. A new preview shows what is there now.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Make a new preview" }));
    expect(where()).toBe("/restore?step=preview");
  });
});
