/** How a source is right now: its last run, or the job that works on it. */
import type { JobView, SourceHealth } from "../api/generated";
import { type Status, verdictStatus } from "./StatusGlyph";

/** Whether a job works on this source. */
export function worksOn(job: JobView, source: string): boolean {
  if (job.state !== "running") {
    return false;
  }
  const request = (job.request ?? {}) as { sources?: string[]; all?: boolean };
  return job.command === "backup" && (request.all === true || (request.sources ?? []).includes(source));
}

/** The state to show for a source. A failed or partial one shows that also while it runs again: trouble wins over running. */
export function sourceStatus(source: SourceHealth, jobs: JobView[]): Status {
  const last = verdictStatus(source.health);
  const running = jobs.some((job) => worksOn(job, source.source.name));
  return running && last !== "failed" && last !== "partial" ? "running" : last;
}

/** States a person has to look at. */
export function needsYou(status: Status): boolean {
  return status === "failed" || status === "partial" || status === "overdue" || status === "guard";
}
