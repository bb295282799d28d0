/** How a source is right now: its guards, its last run, its promise, or the job that works on it. */
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

/** The state to show for a source, the worst that is true. Trouble wins over running: it shows also while a backup runs again. */
export function sourceStatus(source: SourceHealth, jobs: JobView[]): Status {
  const last = verdictStatus(source.health);
  if (source.held > 0) {
    return "guard";
  }
  if (last === "failed" || (source.overdue && last !== "none")) {
    return last === "failed" ? last : "overdue";
  }
  const running = jobs.some((job) => worksOn(job, source.source.name));
  return running && last !== "partial" ? "running" : last;
}

/** States a person has to look at. */
export function needsYou(status: Status): boolean {
  return status === "failed" || status === "partial" || status === "overdue" || status === "guard";
}
