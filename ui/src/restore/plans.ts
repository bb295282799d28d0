/**
 * Plans, made as jobs because reading both sides can take long. The one for a request is made once and kept until the person asks
 * for a new one; its steps lie in a file of the engine and are read by page.
 */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import {
  asError,
  type BackstayError,
  cancelJob,
  dismissJob,
  type JobView,
  jobEnd,
  type PlanHeader,
  type PlanReply,
  type RestoreRequest,
  startJob,
  useJob,
} from "../api";

/** A plan that was made. */
export interface MadePlan {
  path: string;
  plan: PlanHeader;
  /** When, in milliseconds since 1970. */
  made: number;
}

interface Entry {
  job?: string;
  made?: MadePlan;
  error?: BackstayError;
  /** The page that wanted it is gone: its end is no news. */
  stopped?: boolean;
}

const KEY = "backstay.restore.plans";
const KEPT = 4;
const listeners = new Set<() => void>();
let entries = new Map<string, Entry>();
let loaded = false;

function load(): void {
  if (loaded) {
    return;
  }
  loaded = true;
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as [string, MadePlan][];
    entries = new Map(kept.map(([key, made]) => [key, { made }]));
  } catch {
    entries = new Map();
  }
}

function put(key: string, entry: Entry): void {
  entries = new Map(entries);
  entries.delete(key);
  entries.set(key, entry);
  const made = [...entries].flatMap(([name, { made: plan }]) => (plan ? [[name, plan] as const] : [])).slice(-KEPT);
  localStorage.setItem(KEY, JSON.stringify(made));
  tell();
}

function tell(): void {
  for (const listener of listeners) {
    listener();
  }
}

function forget(key: string): void {
  entries = new Map(entries);
  entries.delete(key);
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Nobody waits for this plan any more: its job must not hold up the next one. */
function stop(key: string): void {
  const entry = entries.get(key);
  if (entry?.job === undefined) {
    return;
  }
  entries.set(key, { ...entry, stopped: true });
  if (entry.job) {
    void cancelJob(entry.job).catch(() => undefined);
  }
}

/** Forgets all plans. */
export function dropPlans(): void {
  entries = new Map();
  localStorage.removeItem(KEY);
}

async function make(key: string, request: RestoreRequest): Promise<void> {
  const before = entries.get(key)?.made;
  const keep = before ? { made: before } : {};
  put(key, { ...keep, job: "" });
  try {
    const job = await startJob("restore.plan", request);
    const stopped = entries.get(key)?.stopped === true;
    put(key, { ...keep, job: job.id, ...(stopped ? { stopped } : {}) });
    if (stopped) {
      stop(key);
    }
    const ended = await jobEnd(job.id);
    void dismissJob(job.id).catch(() => undefined);
    if (ended.error || !ended.reply) {
      throw asError(ended.error ?? { code: "internal", message: "", retry: false });
    }
    const reply = ended.reply as PlanReply;
    put(key, { made: { path: reply.path, plan: reply.plan, made: Date.now() } });
  } catch (thrown) {
    if (entries.get(key)?.stopped && !before) {
      forget(key);
    } else {
      put(key, entries.get(key)?.stopped ? keep : { ...keep, error: asError(thrown) });
    }
  }
}

/** The plan in a file, if this window made it. */
export function planAt(path: string | undefined): PlanHeader | undefined {
  load();
  return [...entries.values()].find((entry) => path !== undefined && entry.made?.path === path)?.made?.plan;
}

/** A plan as a page sees it. */
export interface PlanState {
  made: MadePlan | undefined;
  error: BackstayError | undefined;
  /** It is being made. */
  busy: boolean;
  job: JobView | undefined;
  /** Makes it anew. */
  again: () => void;
}

/** The plan of a request; it is made when it is asked for first, `wait` milliseconds after the request stopped changing,
 * and no longer when another one is asked for, or none. */
export function usePlan(request: RestoreRequest | null, wait = 0): PlanState {
  load();
  const all = useSyncExternalStore(subscribe, () => entries);
  const key = request ? JSON.stringify(request) : "";
  const entry = all.get(key);
  const known = entry !== undefined;
  const again = useCallback(() => {
    if (key) {
      void make(key, JSON.parse(key) as RestoreRequest);
    }
  }, [key]);
  useEffect(() => {
    if (!key || known) {
      return;
    }
    const timer = setTimeout(again, wait);
    return () => clearTimeout(timer);
  }, [key, known, again, wait]);
  useEffect(() => () => stop(key), [key]);
  const job = useJob(entry?.job || undefined);
  return {
    made: entry?.made,
    error: entry?.error,
    busy: key !== "" && (!known || entry?.job !== undefined),
    job,
    again,
  };
}
