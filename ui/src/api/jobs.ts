/** The jobs of this process, as the engine tells about them. They outlive the window, so a fresh window asks for all of them. */
import { useSyncExternalStore } from "react";
import { type CallOptions, platform } from "../platform";
import { type CommandName, call, type RequestOf } from "./client";
import { asError } from "./error";
import type { BackupRequest, JobState, JobsReply, JobView, OverviewReply } from "./generated";
import { withSecrets } from "./secrets";

let jobs: JobView[] = [];
let pausedUntil: string | null = null;
const listeners = new Set<() => void>();

function changed(next: JobView[]): void {
  jobs = next;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const order: Record<JobState, number> = { waiting: 0, running: 1, done: 2 };

/** A job only goes on: events and replies come on several ways, and one that was overtaken says what is no longer so. */
function newer(known: JobView | undefined, job: JobView): JobView {
  return known && order[known.state] > order[job.state] ? known : job;
}

/** Takes over what an event or a reply says about one job. */
export function noteJob(job: JobView): void {
  const at = jobs.findIndex((known) => known.id === job.id);
  changed(at < 0 ? [...jobs, job] : jobs.map((known, index) => (index === at ? newer(known, job) : known)));
}

function noteAll(reply: JobsReply): void {
  pausedUntil = reply.pausedUntil ?? null;
  const known = new Map(jobs.map((job) => [job.id, job]));
  changed(reply.jobs.map((job) => newer(known.get(job.id), job)));
}

/** Asks for all jobs; a window does so once at its start. */
export async function loadJobs(): Promise<void> {
  noteAll(await call("job.list", {}, { silent: true }));
}

/** Forgets all jobs. For tests. */
export function resetJobs(): void {
  changed([]);
}

/** All jobs: running first, then waiting, then done. */
export function useJobs(): JobView[] {
  return useSyncExternalStore(subscribe, () => jobs);
}

/** One job, if it is known. */
export function useJob(id: string | undefined): JobView | undefined {
  return useJobs().find((job) => job.id === id);
}

/** No job starts before this time. */
export function usePausedUntil(): string | null {
  return useSyncExternalStore(subscribe, () => pausedUntil);
}

/**
 * A backup into a vault whose key is not kept on this computer would fail in the queue, where nobody can be asked. So such a vault
 * is opened once before: that asks for its password.
 */
async function openClosed(request: BackupRequest, options: CallOptions): Promise<void> {
  const known = (await platform().call("overview", {}, {})) as OverviewReply;
  const closed = known.vaults.filter((one) => one.reachable && !one.open && !one.vault.remembered);
  if (closed.length === 0) {
    return;
  }
  const sources = known.sources.filter((one) => request.all || request.sources?.includes(one.source.name));
  const wanted = request.vaults?.length ? request.vaults : sources.flatMap((one) => one.vaults);
  for (const { vault } of closed.filter((one) => wanted.includes(one.vault.name))) {
    await platform().call("vault.info", { name: vault.name }, options);
  }
}

/** Starts a command as a job. A secret it needs is asked for before it is queued. */
export async function startJob<N extends CommandName>(
  command: N,
  request: RequestOf<N>,
  options: CallOptions = {},
): Promise<JobView> {
  const started = await withSecrets(async (secrets) => {
    try {
      if (command === "backup") {
        await openClosed(request as BackupRequest, { ...options, ...secrets });
      }
      return (await platform().call("job.start", { command, request }, { ...options, ...secrets })) as JobView;
    } catch (thrown) {
      throw asError(thrown);
    }
  });
  // A short job has told of its end by event before this reply arrives: what is known then is newer.
  if (!jobs.some((known) => known.id === started.id)) {
    noteJob(started);
  }
  return started;
}

/** Asks a job to stop. It ends soon after, as *cancelled*. */
export async function cancelJob(job: string): Promise<void> {
  await call("job.cancel", { job });
}

/** Takes an ended job from the list. */
export async function dismissJob(job: string): Promise<void> {
  await call("job.dismiss", { job });
  changed(jobs.filter((known) => known.id !== job));
}

/** Holds waiting jobs back until a time; `null` ends the pause. */
export async function pauseJobs(until: string | null): Promise<void> {
  noteAll(await call("job.pause", { until }));
}

/** Resolves with the job once it has ended. */
export function jobEnd(id: string): Promise<JobView> {
  return new Promise((resolve) => {
    let stop = () => {};
    const look = () => {
      const job = jobs.find((known) => known.id === id);
      if (job?.state === "done") {
        stop();
        resolve(job);
      }
    };
    stop = subscribe(look);
    look();
  });
}
