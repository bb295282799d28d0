/** Files of other programs that open like a bundle: what the engine tells about one, beside what it tells about any bundle. */

/** What a file of another program is. */
export interface ForeignInfo {
  /** The format's short name (`couchbackup`, `ndjson`). */
  format: string;
  /** The format's name for people. */
  title: string;
  /** Kind of source that reads it: what it can be restored into. */
  kind: string;
  /** That kind's name for people. */
  kindTitle: string;
  /** What the file says about itself; empty until it was read. */
  notes: string[];
}

/** A reply about a path or a bundle that may be such a file. */
export type MaybeForeign<T> = T & { foreign?: ForeignInfo | null };
