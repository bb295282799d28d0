/** What a person would type to do the same as a run, and how it would have ended there. */
import type { ErrorKind, RunRow } from "../api";

/** Exit codes of failures that have one of their own (docs/CLI.md); every other failure is 1. */
const codes: Partial<Record<ErrorKind, number>> = {
  usage: 2,
  refused: 4,
  notFound: 5,
  auth: 6,
  locked: 7,
  damaged: 8,
  cancelled: 130,
};

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command that did, or would do, the same; absent when the run's own words are not kept. */
export function sameCommand(run: RunRow): string | undefined {
  const { kind, source, vault } = run;
  if (kind === "backup" && source) {
    return `backstay backup ${quoted(source)}${vault ? ` --vault ${quoted(vault)}` : ""}`;
  }
  if (!vault) {
    return undefined;
  }
  const verbs: Partial<Record<RunRow["kind"], string>> = { check: "verify", prune: "prune", repair: "repair" };
  const verb = verbs[kind];
  return verb ? `backstay ${verb} ${quoted(vault)}` : undefined;
}

/** The exit code the command line gives for such an end; absent while it runs. */
export function exitCode(run: RunRow): number | undefined {
  switch (run.verdict) {
    case "complete":
      return 0;
    case "partial":
      return 3;
    case "cancelled":
      return 130;
    case "failed":
      return (run.reason && codes[run.reason[0]]) ?? 1;
    default:
      return undefined;
  }
}

/** The beginning of an id that names the run well enough. */
export function shortId(id: string): string {
  return id.slice(0, 13);
}
