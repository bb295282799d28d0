/** Databases of a server: the collection of their documents, and beside it those of what is not a document. */

/** What a collection beside the documents holds. */
export type PartKind = "design" | "local" | "settings";

/** The collections a database can have beside its documents, in the order they are shown. */
export const partKinds: readonly PartKind[] = ["design", "settings", "local"];

/** Splits the name of such a collection; `null` for all others. */
export function partOf(collection: string): { database: string; part: PartKind } | null {
  const found = /^(.+)\/@(design|local|settings)$/.exec(collection);
  return found ? { database: found[1] ?? "", part: found[2] as PartKind } : null;
}

/** Names of the databases among collections: those with collections beside their documents. */
export function databaseNames(names: string[]): Set<string> {
  const known = new Set(names);
  return new Set(
    names.flatMap((name) => {
      const database = partOf(name)?.database;
      return database !== undefined && known.has(database) ? [database] : [];
    }),
  );
}

/** Whether a word of a selection names something beside the documents of `database`, not in them. */
export function isBeside(database: string, word: string): boolean {
  return word.startsWith(`${database}/@`) && /^@(design|local|settings)(\/|$)/.test(word.slice(database.length + 1));
}
