/** Jobs of the fake: one runs, others wait; each goes through stages and then gets the reply of its command. */
import type { ApiError, JobStartRequest, JobView, Stage, Topic, Verdict } from "../../api/generated";
import { notFound } from "./errors";
import type { Handlers } from "./handlers";
import type { Fake } from "./index";

const stages: Stage[] = ["preparing", "reading", "saving", "verifying", "finishing"];
const STEPS = 24;
const TOTAL = 2180;
const BYTES = 812e6;
const everything: Topic[] = ["sources", "vaults", "snapshots", "runs", "audit"];

/** The queue of the fake. */
export class FakeJobs {
  private list: JobView[] = [];
  private readonly steps = new Map<string, number>();
  private count = 0;
  private pausedUntil: string | null = null;

  private readonly fake: Fake;
  /** Milliseconds between two steps; 0: by hand. */
  tick: number;

  constructor(fake: Fake, tick: number) {
    this.fake = fake;
    this.tick = tick;
  }

  /** Puts a job into the list as it is, without starting anything. */
  put(job: Partial<JobView> = {}): JobView {
    const id = `job-${++this.count}`;
    const whole: JobView = {
      id,
      command: "backup",
      request: { sources: ["Billing"], all: false, vaults: [], tags: [] },
      state: "running",
      queued: this.fake.world.now.toISOString(),
      cancelling: false,
      gaps: [],
      gapCount: 0,
      ...job,
    };
    this.list.push(whole);
    this.fake.emit("job", whole);
    return whole;
  }

  /** Changes a job and tells the window. */
  change(id: string, change: Partial<JobView>): JobView {
    const job = this.get(id);
    Object.assign(job, change);
    this.fake.emit("job", job);
    return job;
  }

  /** A job by its id. */
  get(id: string): JobView {
    const job = this.list.find((known) => known.id === id);
    if (!job) {
      throw notFound("job", id);
    }
    return job;
  }

  /** One step further; the last one ends it. */
  async step(id: string): Promise<void> {
    const job = this.get(id);
    if (job.state !== "running") {
      return;
    }
    const step = (this.steps.get(id) ?? 0) + 1;
    this.steps.set(id, step);
    if (step >= STEPS) {
      await this.finish(id);
      return;
    }
    const share = step / STEPS;
    this.change(id, {
      progress: {
        stage: stages[Math.min(stages.length - 1, Math.floor(share * stages.length))] ?? null,
        current: `Roadmap/page-${step}.md`,
        items: Math.round(share * TOTAL),
        itemsTotal: step < 4 ? null : TOTAL,
        bytes: Math.round(share * BYTES),
        bytesTotal: step < 4 ? null : BYTES,
      },
      itemsPerSecond: 320,
      bytesPerSecond: 24e6,
      secondsLeft: step < 4 ? null : Math.round((1 - share) * 40),
    });
    this.later(id);
  }

  /** Ends a job with the reply of its command, or with `error`. */
  async finish(id: string, error?: ApiError): Promise<JobView> {
    const job = this.get(id);
    const ended: Partial<JobView> = { state: "done", finished: new Date().toISOString(), secondsLeft: null };
    try {
      if (error) {
        throw error;
      }
      const reply = await this.fake.answer(job.command, job.request);
      const verdict = (reply as { verdict?: Verdict } | null)?.verdict ?? "complete";
      this.change(id, { ...ended, reply, verdict });
    } catch (thrown) {
      const failed = thrown as ApiError;
      this.change(id, { ...ended, error: failed, verdict: failed.code === "cancelled" ? "cancelled" : "failed" });
    }
    this.fake.emit("stale", { topics: everything });
    this.startNext();
    return job;
  }

  private later(id: string): void {
    if (this.tick > 0) {
      setTimeout(() => void this.step(id), this.tick);
    }
  }

  private startNext(): void {
    if (this.pausedUntil || this.list.some((job) => job.state === "running")) {
      return;
    }
    const next = this.list.find((job) => job.state === "waiting");
    if (next) {
      this.change(next.id, { state: "running", started: new Date().toISOString(), waitingFor: null });
      this.later(next.id);
    }
  }

  private start({ command, request }: JobStartRequest): JobView {
    const job = this.put({ command, request, state: "waiting", waitingFor: this.pausedUntil ? "pause" : "job" });
    this.startNext();
    return job;
  }

  private cancel(id: string): void {
    const job = this.get(id);
    if (job.state === "done") {
      return;
    }
    this.change(id, { cancelling: true });
    const stop = () => void this.finish(id, { code: "cancelled", message: "Cancelled.", retry: false });
    if (this.tick > 0) {
      setTimeout(stop, this.tick);
    }
  }

  /** Answers to the commands about jobs. */
  handlers(): Handlers {
    const order = { running: 0, waiting: 1, done: 2 };
    const reply = () => ({
      jobs: [...this.list].sort((one, other) => order[one.state] - order[other.state]),
      ...(this.pausedUntil ? { pausedUntil: this.pausedUntil } : {}),
    });
    return {
      "job.start": (request) => this.start(request),
      "job.list": reply,
      "job.cancel": ({ job }) => {
        this.cancel(job);
        return {};
      },
      "job.dismiss": ({ job }) => {
        this.list = this.list.filter((known) => known.id !== job);
        return {};
      },
      "job.pause": ({ until }) => {
        this.pausedUntil = until ?? null;
        this.startNext();
        return reply();
      },
    };
  }
}
