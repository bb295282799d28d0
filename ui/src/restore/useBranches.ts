/** What lies in collections and folders, read when somebody looks into them: a hundred at a time. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asError, type BackstayError, call, type FolderEntry, type Row, type SnapshotRef } from "../api";

/** Entries read at once. */
export const PAGE = 100;

/** A record or an entry of a folder. */
export interface Leaf {
  key: string;
  name: string;
  /** A folder can be looked into. */
  folder: boolean;
  /** Bytes of a file, attachments of a record. */
  size: number;
}

/** What is known of one branch. */
export interface Branch {
  leaves: Leaf[];
  total: number;
  busy: boolean;
  error: BackstayError | null;
}

interface Opened {
  listing: string;
  total: number;
  title: string | null;
}

function recordLeaf(collection: string, title: string | null, row: Row): Leaf {
  const named = title ? row.values[title] : undefined;
  const name = typeof named === "string" && named !== "" ? named : row.id;
  return { key: `${collection}/${row.id}`, name, folder: false, size: row.assets };
}

function fileLeaf(entry: FolderEntry): Leaf {
  return { key: `files/${entry.path}`, name: entry.name, folder: entry.kind === "directory", size: entry.size };
}

/** The branches of a backup. `search` narrows collections. */
export function useBranches(at: SnapshotRef | null) {
  const [branches, setBranches] = useState<Record<string, Branch>>({});
  const latest = useRef(branches);
  latest.current = branches;
  const listings = useRef(new Map<string, Opened>());
  const name = JSON.stringify(at);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another backup has other branches
  useEffect(() => {
    setBranches({});
    listings.current = new Map();
  }, [name]);

  const put = useCallback((key: string, branch: Branch) => setBranches((known) => ({ ...known, [key]: branch })), []);

  const readRecords = useCallback(
    async (collection: string, offset: number): Promise<[Leaf[], number]> => {
      let opened = listings.current.get(collection);
      if (!opened && at) {
        opened = await call("listing.open", { at, collection });
        listings.current.set(collection, opened);
      }
      if (!opened) {
        return [[], 0];
      }
      const { listing, title, total } = opened;
      const fields = title ? [title] : [];
      try {
        const { rows } = await call("listing.rows", { listing, offset, limit: PAGE, fields });
        return [rows.map((row) => recordLeaf(collection, title, row)), total];
      } catch (thrown) {
        // The engine forgets listings after a while: the next try opens it again.
        listings.current.delete(collection);
        throw thrown;
      }
    },
    [at],
  );

  /** Reads the next entries of a branch: `files`, `files/PATH` or a collection. */
  const more = useCallback(
    async (key: string) => {
      const before = latest.current[key] ?? { leaves: [], total: 0, busy: false, error: null };
      if (before.busy || !at) {
        return;
      }
      put(key, { ...before, busy: true, error: null });
      const offset = before.leaves.length;
      try {
        if (key === "files" || key.startsWith("files/")) {
          const { entries, total } = await call("browse.folder", { at, path: key.slice(6), offset, limit: PAGE });
          put(key, { leaves: [...before.leaves, ...entries.map(fileLeaf)], total, busy: false, error: null });
        } else {
          const [leaves, total] = await readRecords(key, offset);
          put(key, { leaves: [...before.leaves, ...leaves], total, busy: false, error: null });
        }
      } catch (thrown) {
        put(key, { ...before, busy: false, error: asError(thrown) });
      }
    },
    [at, put, readRecords],
  );
  return { branches, more };
}
