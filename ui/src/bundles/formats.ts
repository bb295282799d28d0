/** Formats of other programs that backups of a kind of source can be written in, and what becomes of attachments in them. */

/** A format to write. */
export interface ExportFormat {
  /** Its short name, as the engine takes it. */
  name: "couchbackup" | "ndjson";
  /** Ending of its files, with the dot. */
  ending: string;
}

const couch: readonly ExportFormat[] = [
  { name: "couchbackup", ending: ".txt" },
  { name: "ndjson", ending: ".ndjson" },
];

/** The formats for a kind of source; none for most. */
export function formatsFor(kind: string | undefined): readonly ExportFormat[] {
  return kind === "couchdb" ? couch : [];
}

/** Ending of a bundle in one file. */
export const zipEnding = ".backstay.zip";
