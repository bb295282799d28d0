/** What a backup (or a bundle) holds: its collections, its files, what is missing from it. */
import { useMemo } from "react";
import { type BackstayError, type Collection, type SnapshotMeta, type SnapshotRef, useCall } from "../api";
import { databaseNames, type PartKind, partOf } from "../shared/databases";

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
  /** Databases of a server, by name; empty for everything else. */
  databases: DatabaseContent[];
}

/** A database of a server. */
export interface DatabaseContent {
  name: string;
  documents: Collection;
  /** What it has beside its documents. */
  parts: Partial<Record<PartKind, Collection>>;
}

/** The query of a content, in the shape that `ListStates` takes. */
export interface ContentQuery {
  data: Content | undefined;
  error: BackstayError | null;
  isPending: boolean;
  refetch: () => void;
}

/** Puts the collections of each database together. */
function databasesOf(collections: Collection[]): DatabaseContent[] {
  const names = databaseNames(collections.map(({ name }) => name));
  const byName = new Map<string, DatabaseContent>();
  for (const one of collections) {
    if (names.has(one.name)) {
      byName.set(one.name, { name: one.name, documents: one, parts: {} });
    }
  }
  for (const one of collections) {
    const part = partOf(one.name);
    const owner = part && byName.get(part.database);
    if (owner) {
      owner.parts[part.part] = one;
    }
  }
  return [...byName.values()];
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
  const read = about.data !== undefined;
  const data = useMemo(
    () => (read && collections ? contentOf(collections, metadata) : undefined),
    [read, collections, metadata],
  );
  return { data, error, isPending: data === undefined && at !== null && !error, refetch };
}

function contentOf(collections: Collection[], metadata: SnapshotMeta | null): Content {
  const counted = new Map(metadata?.collections.map(({ name, records }) => [name, records]));
  const numbered = collections.map((one) => ({ ...one, records: one.records ?? counted.get(one.name) ?? null }));
  return {
    collections: numbered.filter(({ kind }) => kind === "table"),
    databases: databasesOf(numbered),
    stored: metadata ? metadata.collections.map(({ name }) => name) : collections.map(({ name }) => name),
    metadata,
    hasFiles: metadata ? metadata.files > 0 : collections.length === 0,
  };
}

/** What can be ticked at the top, in words of a selection. */
export function topsOf(content: Content): string[] {
  const known = new Set(content.stored);
  const stored = content.collections.filter(({ name }) => known.has(name)).map(({ name }) => name);
  return [...stored, ...(content.hasFiles ? ["files"] : [])];
}
