/** Jobs as the engine tells of them: events and replies may arrive in any order. */
import { afterEach, expect, it } from "vitest";
import { setPlatform } from "../platform";
import { apiError, Fake } from "../platform/fake";
import { jobEnd, noteJob, resetJobs, startJob } from "./jobs";
import { setPrompter } from "./secrets";

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

it("asks for the password of a vault that is closed before a backup is queued", async () => {
  const fake = new Fake({ tick: 0 });
  setPlatform(fake);
  const answer = fake.answer.bind(fake);
  const given: (string | undefined)[] = [];
  fake.answer = async (name, request, options) => {
    if (name === "overview") {
      const vault = { name: "Office NAS", remembered: false };
      return {
        vaults: [{ vault, reachable: true, open: false }],
        sources: [{ source: { name: "Notes" }, vaults: ["Office NAS"] }],
      };
    }
    if (name === "vault.info" && options?.password !== "right") {
      throw { ...apiError("auth", "closed"), vault: "Office NAS" };
    }
    if (name === "vault.info") {
      return {};
    }
    if (name === "job.start") {
      given.push(options?.password);
    }
    return answer(name, request, options);
  };
  const stop = setPrompter(async ({ tries }) => ({ password: tries === 0 ? "wrong" : "right" }));
  await startJob("backup", { sources: ["Notes"] });
  expect(given).toEqual(["right"]);
  stop();
});
