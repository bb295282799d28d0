/** What is known of single runs beside their verdict: the plan that made them, why one was late, a pin, a guard that tripped there. */
import type { TFunction } from "i18next";
import { type HoldRow, type RunPoint, type SlotRow, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { duration } from "../../i18n/format";

const RUNS = 500;
/** A run that begins within so many seconds of its moment is on time. */
const GRACE = 120;

/** Answers about one run. */
export interface RunMarks {
  hold: (point: RunPoint) => HoldRow | undefined;
  plan: (point: RunPoint) => string | undefined;
  /** Why it is pinned; empty without a reason, absent without a pin. */
  pin: (point: RunPoint) => string | undefined;
  /** `12 min late: on battery` */
  late: (point: RunPoint) => string | undefined;
}

const reasons = [
  "asleep",
  "off",
  "notRunning",
  "battery",
  "metered",
  "quiet",
  "paused",
  "busy",
  "otherProcess",
  "offline",
  "retry",
] as const;

/** How much later than its moment a slot began, and why, in words; nothing when it was on time. */
export function lateWords(slot: SlotRow, t: TFunction): string | undefined {
  const seconds = slot.started ? (Date.parse(slot.started) - Date.parse(slot.due)) / 1000 : 0;
  if (seconds < GRACE) {
    return undefined;
  }
  const time = duration(Math.round(seconds / 60) * 60);
  const reason = reasons.find((one) => one === slot.reason);
  return reason ? t("sources:late.why", { time, why: t(`sources:late.${reason}`) }) : t("sources:late.bare", { time });
}

/** What is asked about. */
export interface MarkRequest {
  source: string;
  plans: string[];
  /** First moment that is shown. */
  since: string;
  holds: HoldRow[];
}

/** Reads the marks of a source's runs. What cannot be read is not marked: the timeline stands without it. */
export function useMarks({ source, plans, since, holds }: MarkRequest): RunMarks {
  const { t } = useTranslation();
  const [plan] = plans;
  const snapshots = useCall("snapshot.list", { source }, { silent: true });
  const runs = useCall("run.list", { source, kind: "backup", limit: RUNS }, { silent: true });
  const slots = useCall(
    "plan.proof",
    { plan: plan ?? "", source, since },
    { silent: true, enabled: plan !== undefined, topics: ["runs", "plans"] },
  );
  const pins = new Map(
    (snapshots.data?.snapshots ?? []).flatMap((row) => (row.pin == null ? [] : [[row.id, row.pin]])),
  );
  const names = new Map((runs.data?.runs ?? []).flatMap((row) => (row.plan ? [[row.id, row.plan]] : [])));
  const late = new Map((slots.data?.slots ?? []).flatMap((slot) => (slot.run ? [[slot.run, slot]] : [])));
  return {
    hold: (point) => holds.find((hold) => hold.run === point.run),
    plan: (point) => names.get(point.run),
    pin: (point) => (point.snapshot ? pins.get(point.snapshot) : undefined),
    late: (point) => {
      const slot = late.get(point.run);
      return slot ? lateWords(slot, t) : undefined;
    },
  };
}
