/** Numbers of records for collections that do not know theirs: counted one after the other, so that they do not crowd out what is looked at. */
import { useQuery } from "@tanstack/react-query";
import { type Collection, call, type SnapshotMeta, type SnapshotRef } from "../api";

/** Collections counted one by one; more of them have no numbers. */
const MOST = 200;

/** Known and counted numbers by collection. */
export function useCounts(
  at: SnapshotRef,
  collections: Collection[],
  meta: SnapshotMeta | undefined,
): Map<string, number> {
  const known = new Map<string, number>();
  for (const one of meta?.collections ?? []) {
    known.set(one.name, one.records);
  }
  for (const one of collections) {
    if (one.records !== null && one.records !== undefined) {
      known.set(one.name, one.records);
    }
  }
  const missing = collections.filter((one) => !known.has(one.name)).map((one) => one.name);
  // A server of thousands of databases is not asked thousands of questions for numbers.
  const names = missing.slice(0, MOST);
  const counted = useQuery<Record<string, number>>({
    queryKey: ["browse.counts", at, names],
    enabled: names.length > 0,
    meta: { topics: at.snapshot.startsWith("live:") ? ["sources"] : [] },
    queryFn: async ({ signal, client }) => {
      const found: Record<string, number> = {};
      for (const collection of names) {
        if (signal.aborted) {
          break;
        }
        try {
          found[collection] = (await call("browse.count", { at, collection }, { signal, silent: true })).records;
          client.setQueryData(["browse.counts", at, names], { ...found });
        } catch {
          // A number is a convenience; the collection itself says what is wrong when it is opened.
        }
      }
      return found;
    },
  });
  for (const [name, records] of Object.entries(counted.data ?? {})) {
    known.set(name, records);
  }
  return known;
}
