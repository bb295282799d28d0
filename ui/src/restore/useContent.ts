/** What a backup (or a bundle) holds: its collections, its files, what is missing from it. */
import { type BackstayError, type Collection, type SnapshotMeta, type SnapshotRef, useCall } from "../api";

/** Path of a bundle, if that is what is restored from. */
export function bundlePath(at: SnapshotRef | null): string | null {
  return at?.snapshot.startsWith("bundle:") ? at.snapshot.slice("bundle:".length) : null;
}

/** The content, as far as it is known. */
export interface Content {
  /** Collections that can be chosen, with their numbers where known. */
  collections: Collection[];
  /** Names of collections that are stored as records; the others lie inside a stored database. */
  stored: string[];
  metadata: SnapshotMeta | null;
  hasFiles: boolean;
}

/** The query of a content, in the shape that `ListStates` takes. */
export interface ContentQuery {
  data: Content | undefined;
  error: BackstayError | null;
  isPending: boolean;
  refetch: () => void;
}

const nowhere: SnapshotRef = { snapshot: "" };

/** Reads what lies in a backup. */
export function useContent(at: SnapshotRef | null): ContentQuery {
  const bundle = bundlePath(at);
  const shown = useCall("snapshot.show", at ?? nowhere, { enabled: at !== null && bundle === null });
  const inspected = useCall("bundle.inspect", { path: bundle ?? "" }, { enabled: bundle !== null });
  const listed = useCall("browse.list", { at: at ?? nowhere, limit: 10_000 }, { enabled: bundle !== null });
  const about = bundle === null ? shown : inspected;
  const error = about.error ?? (bundle === null ? null : listed.error);
  const metadata = (bundle === null ? shown.data?.metadata : inspected.data?.metadata) ?? null;
  const collections =
    bundle === null ? shown.data?.collections : (listed.data?.collections ?? (listed.data ? [] : undefined));
  const refetch = () => {
    void about.refetch();
    if (bundle !== null) {
      void listed.refetch();
    }
  };
  if (!about.data || !collections) {
    return { data: undefined, error, isPending: at !== null && !error, refetch };
  }
  const counted = new Map(metadata?.collections.map(({ name, records }) => [name, records]));
  return {
    data: {
      collections: collections
        .filter(({ kind }) => kind === "table")
        .map((one) => ({ ...one, records: one.records ?? counted.get(one.name) ?? null })),
      stored: metadata ? metadata.collections.map(({ name }) => name) : collections.map(({ name }) => name),
      metadata,
      hasFiles: metadata ? metadata.files > 0 : collections.length === 0,
    },
    error,
    isPending: false,
    refetch,
  };
}

/** What can be ticked at the top, in words of a selection. */
export function topsOf(content: Content): string[] {
  const stored = content.collections.filter(({ name }) => content.stored.includes(name)).map(({ name }) => name);
  return [...stored, ...(content.hasFiles ? ["files"] : [])];
}
