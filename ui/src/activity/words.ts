/** What runs are called and how they are shown. */
import type { TFunction } from "i18next";
import type { RunKind, RunRow, Verdict } from "../api";
import { type Status, verdictStatus } from "../shared/StatusGlyph";

/** All kinds of runs, as the filter lists them. */
export const runKinds: RunKind[] = [
  "backup",
  "restore",
  "undo",
  "check",
  "forget",
  "prune",
  "repair",
  "export",
  "drill",
];
/** All ways a run can end, worst first. */
export const verdicts: Verdict[] = ["failed", "partial", "cancelled", "complete"];

/** The state of a run; one without a verdict runs. */
export function runStatus(run: RunRow): Status {
  return run.verdict ? verdictStatus(run.verdict) : "running";
}

/** The state's word: *cancelled* has the shape of *paused* and a word of its own. */
export function runWord(run: RunRow, t: TFunction): string {
  return t(run.verdict === "cancelled" ? "common:status.cancelled" : `common:status.${runStatus(run)}`);
}

/** What the run is about: its source, else its vault. */
export function runSubject(run: RunRow, t: TFunction): string {
  return run.source ?? run.vault ?? t("activity:noSubject");
}

/** Seconds a run took; absent while it runs. */
export function runSeconds(run: RunRow): number | undefined {
  return run.finished ? (Date.parse(run.finished) - Date.parse(run.started)) / 1000 : undefined;
}

/** Whether the words a person typed are all in what the run says. */
export function fitsText(run: RunRow, text: string, t: TFunction): boolean {
  const said = [
    t(`activity:kind.${run.kind}`),
    run.source,
    run.vault,
    run.plan,
    runWord(run, t),
    run.reason?.[1],
    run.id,
    run.snapshot,
  ];
  const whole = said.filter(Boolean).join("\n").toLocaleLowerCase();
  return text
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

/** Which sentences of the catalogue say how the run ended. */
export function runGroup(kind: RunKind): Exclude<RunKind, "forget" | "prune" | "repair"> | "care" {
  return kind === "forget" || kind === "prune" || kind === "repair" ? "care" : kind;
}
