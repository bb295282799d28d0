/** Names of new databases: one name, or a pattern in which a star stands for the name of each. */

/** What is wrong with a name, and of which database. */
export interface NameProblem {
  problem: "missing" | "star" | "stars" | "invalid" | "same";
  /** The name that would come of it. */
  name?: string;
}

/** What CouchDB takes as the name of a database. */
const COUCH = /^[a-z][a-z0-9_$()+/-]*$/;

/** The name a database gets. */
export function placeOf(pattern: string, database: string): string {
  return pattern.replace("*", database);
}

/** What to start from: the engine's pattern, or the one name that comes of it. */
export function suggestedPlace(suggested: string, databases: string[]): string {
  const [only] = databases;
  return only !== undefined && databases.length === 1 ? placeOf(suggested, only) : suggested;
}

/** Whether databases of these names could be made; `own` says that they go to the server that has these already. */
export function placeProblem(pattern: string, databases: string[], kind: string, own: boolean): NameProblem | null {
  const text = pattern.trim();
  if (text === "") {
    return { problem: "missing" };
  }
  const stars = text.split("*").length - 1;
  if (stars > 1) {
    return { problem: "stars" };
  }
  if (stars === 0 && databases.length > 1) {
    return { problem: "star" };
  }
  const names = databases.map((database) => placeOf(text, database));
  const invalid = kind === "couchdb" ? names.find((name) => !COUCH.test(name)) : undefined;
  if (invalid !== undefined) {
    return { problem: "invalid", name: invalid };
  }
  const same = own ? names.find((name) => databases.includes(name)) : undefined;
  return same === undefined ? null : { problem: "same", name: same };
}
