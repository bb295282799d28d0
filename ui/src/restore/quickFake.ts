/** For tests: a fake whose jobs end as soon as they were started. */
import { Fake } from "../platform/fake";

/** Lets jobs end at once from now on. */
export function quick(fake: Fake): Fake {
  const start = fake.jobs.handlers()["job.start"];
  return fake.handle({
    "job.start": async (request, same, options) => {
      const job = await start?.(request, same, options);
      if (!job) {
        throw new Error("the fake starts no jobs");
      }
      setTimeout(() => void same.jobs.finish(job.id), 0);
      return job;
    },
  });
}

/** On the day of the pictures. */
export function quickFake(): Fake {
  return quick(new Fake({ now: new Date("2026-11-20T09:41:00"), tick: 0 }));
}
