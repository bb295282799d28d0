/** What keep rules would do to the backups of the fake's plans: a year of them, invented from the plan's timetable. */
import type { KeepDay, KeepPreviewReply, KeepRow, KeepSpec } from "../../api/generated";
import type { PlanSeed } from "./plansData";
import { nextSlots, slotsBetween } from "./plansTimes";
import { hexId } from "./random";
import type { World } from "./world";

const DAY = 86_400_000;

interface Rules {
  last: number;
  hourly: number;
  daily: number;
  weekly: number;
  monthly: number;
  /** In days. */
  within: number;
}

function rulesOf(keep: KeepSpec): Rules | undefined {
  const span = /^(\d+)([ymwd])/.exec(keep.within ?? keep.olderThan ?? "");
  const days = span ? Number(span[1]) * ({ y: 365, m: 30, w: 7, d: 1 }[span[2] ?? "d"] ?? 1) : 0;
  const plain = {
    last: keep.last ?? 0,
    hourly: keep.hourly ?? 0,
    daily: keep.daily ?? 0,
    weekly: keep.weekly ?? 0,
    monthly: keep.monthly ?? 0,
    within: days,
  };
  if (keep.preset === "30d-hourly-12m-daily") {
    return { ...plain, within: 30, daily: 365 };
  }
  if (keep.preset === "30d-12w-12m") {
    return { ...plain, daily: 30, weekly: 12, monthly: 12 };
  }
  return Object.values(plain).some((value) => value > 0) ? plain : undefined;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function dayOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** Backups that are there: the last weeks all of them, before that one of each day, as an earlier clean-up left them. */
function backups(plan: PlanSeed, now: Date): Date[] {
  const { schedule } = plan.spec.timetable;
  const year = slotsBetween(schedule, new Date(now.getTime() - 358 * DAY), now);
  const seen = new Set<string>();
  return year.reverse().filter((time) => {
    const fresh = !seen.has(dayOf(time));
    seen.add(dayOf(time));
    return fresh || now.getTime() - time.getTime() < 44 * DAY;
  });
}

/** The answer to a question about rules. */
export function keepPreview(world: World, plan: PlanSeed, keep: KeepSpec, bytes: boolean): KeepPreviewReply {
  const { now } = world;
  const rules = rulesOf(keep);
  const seen: Record<string, Set<string>> = {
    hourly: new Set(),
    daily: new Set(),
    weekly: new Set(),
    monthly: new Set(),
  };
  const days = new Map<string, KeepDay>();
  const rows: KeepRow[] = [];
  let [stay, go] = [0, 0];
  for (const [index, time] of backups(plan, now).entries()) {
    const reasons: string[] = rules ? [] : ["policy is empty"];
    const week = Math.floor((time.getTime() / DAY + 3) / 7);
    const periods = {
      hourly: `${dayOf(time)} ${time.getHours()}`,
      daily: dayOf(time),
      weekly: String(week),
      monthly: dayOf(time).slice(0, 7),
    };
    if (rules && index < rules.last) {
      reasons.push("last snapshot");
    }
    if (rules && now.getTime() - time.getTime() < rules.within * DAY) {
      reasons.push(
        keep.preset ? "hourly within 30d" : keep.within ? `within ${keep.within}` : `not older than ${keep.olderThan}`,
      );
    }
    for (const period of ["hourly", "daily", "weekly", "monthly"] as const) {
      const known = seen[period] ?? new Set();
      if (rules && rules[period] > known.size && !known.has(periods[period])) {
        reasons.push(`${period} snapshot`);
      }
      known.add(periods[period]);
    }
    if (index === 0) {
      reasons.push("newest complete snapshot");
    }
    if (index === 96) {
      reasons.push("has tag before the move");
    }
    const stays = reasons.length > 0;
    stay += stays ? 1 : 0;
    go += stays ? 0 : 1;
    const day = days.get(dayOf(time)) ?? { day: dayOf(time), stay: 0, go: 0 };
    day[stays ? "stay" : "go"] += 1;
    days.set(day.day, day);
    if (rows.length < 500 || !stays) {
      rows.push({
        source: plan.sources[0] ?? "",
        row: { id: hexId(index + 12_000), vault: "Office NAS", time: time.toISOString(), keep: stays, reasons },
      });
    }
  }
  const [next] = nextSlots(plan.spec.upkeep.forget.schedule, now, 1);
  return {
    stay,
    go,
    ...(bytes ? { frees: go * 7_380_000 } : {}),
    used: 1.2e9,
    days: [...days.values()].reverse(),
    rows: rows.slice(0, 1000),
    held: [],
    unreachable: [],
    ...(next ? { next } : {}),
  };
}
