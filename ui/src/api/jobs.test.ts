/** Jobs as the engine tells of them: events and replies may arrive in any order. */
import { afterEach, expect, it } from "vitest";
import { setPlatform } from "../platform";
import { Fake } from "../platform/fake";
import { jobEnd, noteJob, resetJobs, startJob } from "./jobs";

afterEach(resetJobs);

it("does not forget the end of a job that was told before its start", async () => {
  const fake = new Fake({ tick: 0 });
  setPlatform(fake);
  const stop = fake.listen("job", noteJob);
  const answer = fake.answer.bind(fake);
  fake.answer = async (name, request, options) => {
    const reply = await answer(name, request, options);
    if (name === "job.start") {
      await fake.jobs.finish("job-1");
    }
    return reply;
  };
  const started = await startJob("vault.verify", { vault: "Office NAS" });
  const ended = await Promise.race([jobEnd(started.id), new Promise((resolve) => setTimeout(resolve, 300, "never"))]);
  expect(ended).toMatchObject({ state: "done", verdict: "complete" });
  stop();
});

it("does not go back to what an overtaken event says", async () => {
  const fake = new Fake({ tick: 0 });
  setPlatform(fake);
  const waiting = await startJob("vault.verify", { vault: "Office NAS" });
  noteJob({ ...waiting, state: "done", verdict: "complete" });
  noteJob({ ...waiting, state: "running" });
  noteJob(waiting);
  const ended = await Promise.race([jobEnd(waiting.id), new Promise((resolve) => setTimeout(resolve, 300, "never"))]);
  expect(ended).toMatchObject({ state: "done", verdict: "complete" });
});
