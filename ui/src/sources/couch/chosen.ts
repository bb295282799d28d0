/** Which databases of a server are protected: all, new ones too; by patterns; or these alone. */
import type { Options } from "../OptionsForm";

/** How databases are chosen. */
export type Choice = "all" | "pattern" | "these";

function list(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.map(String);
  }
  return typeof value === "string" && value !== "" ? [value] : [];
}

/** The databases named in the settings, and those left out. */
export function named(options: Options): { take: string[]; leave: string[] } {
  return { take: list(options.database), leave: list(options.exclude) };
}

/** How the settings choose. */
export function choiceOf(options: Options): Choice {
  const { take } = named(options);
  if (options.database === undefined) {
    return "all";
  }
  return take.some((name) => name.includes("*")) ? "pattern" : "these";
}

/** The settings with these databases named. None: nothing is chosen yet, which is not the same as all. */
export function taking(options: Options, names: string[]): Options {
  return { ...options, database: names };
}

/** The settings with all databases. */
export function takingAll(options: Options): Options {
  const { database: _, ...rest } = options;
  return rest;
}

/** Whether some database is chosen. */
export function isChosen(options: Options): boolean {
  return !Array.isArray(options.database) || options.database.length > 0;
}

/** The settings with these left out. */
export function leaving(options: Options, names: string[]): Options {
  const { exclude: _, ...rest } = options;
  return names.length > 0 ? { ...rest, exclude: names } : rest;
}

/** Whether a name fits a pattern in which `*` stands for anything, as the connector judges it. */
export function fits(pattern: string, name: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "s").test(name);
}

/** Whether the settings protect a database of this name. */
export function takes(options: Options, name: string): boolean {
  const { take, leave } = named(options);
  if (leave.some((pattern) => fits(pattern, name))) {
    return false;
  }
  if (name.startsWith("_")) {
    return take.includes(name) || (options.system === true && (name === "_users" || name === "_replicator"));
  }
  return options.database === undefined || take.some((pattern) => fits(pattern, name));
}
