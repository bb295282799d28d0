/** Reading all of a bundle and comparing its checksums: a job, because bundles are large. */
import { useEffect, useState } from "react";
import { asError, type BackstayError, type BundleReply, startJob, useJobs } from "../api";

/** What is known from a full reading. */
export interface Verified {
  reply: BundleReply | undefined;
  /** The job that reads, while it does. */
  job: string | null;
  error: BackstayError | null;
  start: () => void;
}

/** The full reading of this bundle: the newest job of it, also one that was started before the window was opened again. */
export function useVerified(path: string): Verified {
  const jobs = useJobs();
  const [error, setError] = useState<BackstayError | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an error belongs to the bundle it was for
  useEffect(() => setError(null), [path]);
  const mine = jobs.filter(
    (job) => job.command === "bundle.inspect" && (job.request as { path?: string } | null)?.path === path,
  );
  const running = mine.find((job) => job.state !== "done");
  const done = mine.filter((job) => job.state === "done" && job.reply).at(-1);
  const failed = mine.filter((job) => job.state === "done" && job.error && job.error.code !== "cancelled").at(-1);
  const start = () => {
    setError(null);
    startJob("bundle.inspect", { path, verify: true }).catch((thrown: unknown) => setError(asError(thrown)));
  };
  return {
    reply: done?.reply as BundleReply | undefined,
    job: running?.id ?? null,
    error: error ?? (failed?.error && !running && !done ? asError(failed.error) : null),
    start,
  };
}
