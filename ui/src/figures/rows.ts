/** The sources as rows: one state each, sorted and filtered. */
import type { SourceFigures } from "../api/generated";
import { type Status, severity, verdictStatus } from "../shared/StatusGlyph";
import { needsYou } from "../shared/sourceStatus";

/** What can be sorted by. */
export const sortable = ["source", "state", "good", "next", "complete", "size", "stored", "took", "back"] as const;
export type SortBy = (typeof sortable)[number];

/** An order. */
export interface Order {
  by: SortBy;
  descending: boolean;
}

/** The worst that is true of a source. */
export function figuresStatus(source: SourceFigures): Status {
  if (source.held) {
    return "guard";
  }
  const last = verdictStatus(source.health);
  return source.overdue && last !== "failed" && last !== "none" ? "overdue" : last;
}

/** Bytes it held last. */
export function lastSize({ days }: SourceFigures): number | undefined {
  return days.findLast((day) => day.size != null)?.size ?? undefined;
}

/** Bytes the vaults grew by through it. */
export function storedSum({ days }: SourceFigures): number {
  return days.reduce((sum, day) => sum + day.stored, 0);
}

/** What a backup usually takes, in seconds: the middle of its days. */
export function usualSeconds({ days }: SourceFigures): number | undefined {
  const all = days.flatMap((day) => (day.seconds == null ? [] : [day.seconds])).sort((one, other) => one - other);
  return all[Math.floor((all.length - 1) / 2)];
}

function value(source: SourceFigures, by: SortBy): number | string | undefined {
  switch (by) {
    case "source":
      return source.source;
    case "state":
      return severity.indexOf(figuresStatus(source));
    case "good":
      return source.rpoMinutes ?? undefined;
    case "next":
      return source.next ?? undefined;
    case "complete":
      return source.successPercent ?? undefined;
    case "size":
      return lastSize(source);
    case "stored":
      return storedSum(source);
    case "took":
      return usualSeconds(source);
    case "back":
      return source.rtoSeconds ?? undefined;
  }
}

function compare(one: number | string, other: number | string): number {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : String(one).localeCompare(String(other), undefined, { numeric: true });
}

/** In order; what is not known comes last, whichever way round, and sources that are the same in it go by name. */
export function sorted(sources: SourceFigures[], { by, descending }: Order): SourceFigures[] {
  const keyed = sources.map((source) => ({ source, key: value(source, by) }));
  keyed.sort((one, other) => {
    if (one.key === undefined || other.key === undefined) {
      const missing = Number(one.key === undefined) - Number(other.key === undefined);
      return missing || compare(one.source.source, other.source.source);
    }
    const first = compare(one.key, other.key) * (descending ? -1 : 1);
    return first || compare(one.source.source, other.source.source);
  });
  return keyed.map(({ source }) => source);
}

/** Those whose name holds the words, and, if wanted, only those that need somebody. */
export function filtered(sources: SourceFigures[], words: string, trouble: boolean): SourceFigures[] {
  const wanted = words.trim().toLocaleLowerCase();
  return sources.filter(
    (source) =>
      (!wanted || source.source.toLocaleLowerCase().includes(wanted)) && (!trouble || needsYou(figuresStatus(source))),
  );
}
