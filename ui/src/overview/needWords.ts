/** What needs a person, in words: for each source one line of fact and one of consequence. */
import type { TFunction } from "i18next";
import type { HoldRow, SourceHealth } from "../api/generated";
import { count, duration, moment } from "../i18n/format";
import type { Status } from "../shared/StatusGlyph";
import { sentence } from "../shared/sentence";
import { byCause, tripTitle } from "../shared/trip";
import { gapCount, worstRun } from "../shared/worstRun";
import { coarse } from "./Facts";

function lastGood(source: SourceHealth, now: Date, t: TFunction): string {
  return source.lastGood
    ? t("overview:need.lastGood", { time: moment(source.lastGood.time, now) })
    : t("overview:need.noGood");
}

function overdueFact(source: SourceHealth, good: string, now: Date, t: TFunction): string {
  return t("overview:need.overdue", {
    name: source.source.name,
    time: coarse(good, now),
    promise: duration((source.promiseMinutes ?? 0) * 60),
  });
}

/** Why an overdue source has no newer good backup: its last run failed or has gaps, or there was none. */
function overdueThen(source: SourceHealth, now: Date, t: TFunction): string {
  const run = worstRun(source);
  const gaps = gapCount(source);
  if (source.health === "partial" && gaps > 0) {
    return `${t("overview:need.newestGaps", { count: gaps, n: count(gaps) })} ${lastGood(source, now, t)}`;
  }
  if (source.health === "failed") {
    return `${sentence(run?.reason?.[1] ?? t("overview:need.noReason"))} ${lastGood(source, now, t)}`;
  }
  return `${t("overview:need.noRunSince", { time: run ? moment(run.time, now) : "" })} ${lastGood(source, now, t)}`;
}

/** Fact and consequence of what a guard saw; without the alarm itself, that there is one. */
export function guarded(source: SourceHealth, holds: HoldRow[], now: Date, t: TFunction): [string, string] {
  const name = source.source.name;
  const [hold] = holds;
  if (!hold) {
    return [t("overview:need.held", { name }), t("overview:need.heldThen", { name })];
  }
  const more = byCause(holds).length - 1;
  return [
    t("overview:need.guard", { name, what: tripTitle(hold.trip, t) }),
    [
      t("overview:need.found", { time: moment(hold.at, now) }),
      more > 0 ? t("overview:need.moreAlarms", { count: more, n: count(more) }) : "",
      t("overview:need.heldThen", { name }),
    ]
      .filter(Boolean)
      .join(" "),
  ];
}

/** Fact and consequence of a source in trouble. */
export function trouble(source: SourceHealth, status: Status, now: Date, t: TFunction): [string, string] {
  const name = source.source.name;
  if (status === "partial") {
    const gaps = gapCount(source);
    const first = source.gaps[0];
    const missing = first
      ? t(gaps > 1 ? "overview:need.gapsFirst" : "overview:need.gapOne", {
          count: gaps - 1,
          subject: first.subject,
          n: count(gaps - 1),
          message: `${t(`activity:why.${first.kind}`)}.`,
        })
      : "";
    return [
      t("overview:need.partial", { count: gaps, n: count(gaps), name }),
      [missing, lastGood(source, now, t)].filter(Boolean).join(" "),
    ];
  }
  if (source.overdue && source.lastGood) {
    return [overdueFact(source, source.lastGood.time, now, t), overdueThen(source, now, t)];
  }
  const run = worstRun(source);
  const elsewhere = source.lastGood && run && source.lastGood.time > run.time ? (run.vault ?? "") : "";
  if (elsewhere) {
    return [
      t("overview:need.failedInto", { name, vault: elsewhere }),
      `${sentence(run?.reason?.[1] ?? t("overview:need.noReason"))} ${lastGood(source, now, t)}`,
    ];
  }
  const fact = source.lastGood
    ? t("overview:need.noBackupFor", { name, time: coarse(source.lastGood.time, now) })
    : t("overview:need.neverGood", { name });
  const reason = run?.reason?.[1] ?? t("overview:need.noReason");
  return [fact, `${sentence(reason)} ${lastGood(source, now, t)}`];
}
