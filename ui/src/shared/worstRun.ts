/** The run behind a source's state. A source that goes to several vaults is as well as its worst place. */
import type { RunPoint, SourceHealth } from "../api/generated";

/** The newest run that ended as the state says; the newest of all when it is not among those known. */
export function worstRun(source: SourceHealth): RunPoint | undefined {
  if (source.last && (source.last.verdict === source.health || !source.last.verdict)) {
    return source.last;
  }
  return source.points.findLast((point) => point.verdict === source.health) ?? source.last ?? undefined;
}

/** Things missing from the newest backup, where it has gaps. */
export function gapCount(source: SourceHealth): number {
  return source.health === "partial" ? worstRun(source)?.gaps || source.gaps.length : 0;
}
