/** Differences between two sides: numbers first, then the list. */
import { type BackstayError, type ChangeCounts, type CollectionCounts, type RecordChange, useCall } from "../api";
import type { Side } from "./sides";

/** Differences listed at most; the rest is counted. */
export const LISTED = 10_000;

/** What is known about the differences so far. */
export interface Differences {
  counts: CollectionCounts[] | undefined;
  changes: RecordChange[] | undefined;
  truncated: boolean;
  error: BackstayError | null;
  /** Numbers or the list are still being read. */
  reading: boolean;
  retry: () => void;
}

/** Sums of all collections. */
export function sums(counts: CollectionCounts[]): ChangeCounts {
  const sum = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  for (const one of counts) {
    sum.added += one.counts.added;
    sum.changed += one.counts.changed;
    sum.removed += one.counts.removed;
    sum.unchanged += one.counts.unchanged;
  }
  return sum;
}

/** Reads the differences. A live source is read once only: its numbers come with the list. */
export function useDiff(before: Side | undefined, after: Side | undefined, collection: string | null): Differences {
  const ready = before !== undefined && after !== undefined;
  const both = { before: before?.ref ?? { snapshot: "" }, after: after?.ref ?? { snapshot: "" } };
  const live = before?.row === undefined || after?.row === undefined;
  const settings = { topics: [] };
  const summary = useCall("diff", { ...both, summary: true, limit: 0 }, { ...settings, enabled: ready && !live });
  const list = useCall(
    "diff",
    { ...both, limit: LISTED, ...(collection ? { collection } : {}) },
    { ...settings, enabled: ready && (live || summary.data !== undefined) },
  );
  const whole = live && !collection ? list.data : summary.data;
  return {
    counts: whole?.collections ?? list.data?.collections,
    changes: list.data?.changes,
    truncated: list.data?.truncated ?? false,
    error: summary.error ?? list.error,
    reading: ready && (list.isFetching || summary.isFetching),
    retry: () => {
      void (summary.error ? summary.refetch() : list.refetch());
    },
  };
}
