/** Calls, queries that follow the engine, jobs. */
import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { apiError, Fake } from "../platform/fake";
import { NOW, render } from "../test/render";
import { BackstayError, call, jobEnd, startJob, useAct, useCall, useJobs } from "./index";

function Names() {
  const vaults = useCall("vault.list", {});
  const remove = useAct("vault.remove");
  return (
    <>
      <p>{vaults.error ? vaults.error.code : (vaults.data?.vaults ?? []).map((vault) => vault.name).join(", ")}</p>
      <button type="button" onClick={() => remove.mutate({ name: "Archive 2024" })}>
        Remove
      </button>
      <output>{remove.error?.code}</output>
    </>
  );
}

describe("calls", () => {
  it("reject with the code, hint and causes of the engine", async () => {
    const fake = new Fake({ now: NOW, tick: 0 }).fail(
      "vault.list",
      apiError("damaged", "Broken.", { hint: "Repair it.", causes: ["a"] }),
    );
    render(<Names />, { fake });
    const error = await call("vault.list", {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackstayError);
    expect(error).toMatchObject({ code: "damaged", message: "Broken.", hint: "Repair it.", causes: ["a"] });
    expect(await screen.findByText("damaged")).toBeVisible();
  });

  it("are stopped in the engine when nobody waits any more", async () => {
    const fake = new Fake({ now: NOW, tick: 0 }).delay("vault.list", 50);
    render(<p />, { fake });
    const stop = new AbortController();
    const reply = call("vault.list", {}, { signal: stop.signal }).catch((error: BackstayError) => error.code);
    stop.abort();
    expect(await reply).toBe("cancelled");
  });
});

describe("queries", () => {
  it("are read again when their topic is stale, and not for others", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    render(<Names />, { fake });
    expect(await screen.findByText("Office NAS, Blue USB disk, Archive 2024")).toBeVisible();
    fake.world.vaults.pop();
    act(() => fake.emit("stale", { topics: ["sources"] }));
    expect(fake.requests("vault.list")).toHaveLength(1);
    act(() => fake.emit("stale", { topics: ["runs", "vaults"] }));
    expect(await screen.findByText("Office NAS, Blue USB disk")).toBeVisible();
  });

  it("keep what they know while a later reading fails", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    const { user } = render(<Names />, { fake });
    await screen.findByText(/Office NAS/);
    fake.fail("vault.remove", apiError("refused", "It is in use."));
    await user.click(screen.getByRole("button"));
    expect(await screen.findByText("refused")).toBeVisible();
    expect(screen.getByText(/Office NAS/)).toBeVisible();
  });
});

function Jobs() {
  return useJobs().map((job) => (
    <p key={job.id}>
      {job.id} {job.state} {job.verdict}
    </p>
  ));
}

describe("jobs", () => {
  it("of before the window was opened are there", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    fake.jobs.put();
    render(<Jobs />, { fake });
    expect(await screen.findByText("job-1 running")).toBeVisible();
  });

  it("run one after the other and end with their verdict", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    render(<Jobs />, { fake });
    await act(async () => {
      await startJob("backup", { sources: ["Orders"] });
      await startJob("backup", { sources: ["Billing"] });
    });
    expect(screen.getByText("job-2 waiting")).toBeVisible();
    const end = jobEnd("job-1");
    await act(() => fake.jobs.finish("job-1"));
    await expect(end).resolves.toMatchObject({ verdict: "complete", reply: { verdict: "complete" } });
    await waitFor(() => expect(screen.getByText("job-2 running")).toBeVisible());
    await act(() => fake.jobs.finish("job-2", apiError("full", "No space.")));
    expect(screen.getByText("job-2 done failed")).toBeVisible();
  });
});
