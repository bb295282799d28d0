/**
 * A file of another program is read to its end before anything can be said about it: a job, because such files are large. What it was
 * read into is kept for a while, so that coming back costs nothing.
 */
import { useEffect, useRef } from "react";
import { type BackstayError, type BundleReply, useCall, useJobs } from "../api";
import { useVerified } from "./useVerified";

/** What is known of a bundle, or of a file of another program. */
export interface Looked {
  bundle: BundleReply | undefined;
  /** The job that reads, while it does. */
  job: string | null;
  /** A person stopped the reading. */
  cancelled: boolean;
  /** It is a file of another program. */
  foreign: boolean;
  /** It could not be opened. */
  error: BackstayError | null;
  /** Reading all of it failed. */
  readError: BackstayError | null;
  isPending: boolean;
  refetch: () => void;
  /** Reads all of it, again if need be. */
  read: () => void;
}

/** Looks into what lies at `path`. */
export function useLooked(path: string): Looked {
  const found = useCall("path.inspect", { path }, { silent: true });

  const foreign = found.data?.kind === "foreign";
  const verified = useVerified(path);
  const known = found.data !== undefined || found.error !== null;
  const quick = useCall("bundle.inspect", { path }, { enabled: known && !foreign });
  const jobs = useJobs();
  const mine = jobs.filter(
    (job) => job.command === "bundle.inspect" && (job.request as { path?: string } | null)?.path === path,
  );
  const cancelled = foreign && mine.at(-1)?.error?.code === "cancelled";
  // Read by itself, once: whoever opens such a file wants to know what is in it, and reading changes nothing.
  const begun = useRef<string | null>(null);
  const start = useRef(verified.start);
  start.current = verified.start;
  const idle = mine.length === 0;
  useEffect(() => {
    if (foreign && idle && begun.current !== path) {
      begun.current = path;
      start.current();
    }
  }, [foreign, idle, path]);
  const bundle = verified.reply ?? (foreign ? undefined : quick.data);
  const error = foreign ? verified.error : quick.error;
  return {
    bundle,
    job: verified.job,
    cancelled: cancelled && verified.job === null && !bundle,
    foreign,
    error,
    readError: verified.error,
    isPending: !bundle && !error && !cancelled,
    refetch: foreign ? verified.start : () => void quick.refetch(),
    read: verified.start,
  };
}
