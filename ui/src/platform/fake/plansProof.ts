/** How the moments of the fake's plans went: mostly on time, with weekends asleep, some battery and, for one source, failures. */
import type { ProofReply, SlotRow } from "../../api/generated";
import type { PlanSeed } from "./plansData";
import { slotsBetween } from "./plansTimes";
import { hexId, seeded } from "./random";
import type { World } from "./world";

const MINUTE = 60_000;

/** How one moment went, before moments in a row are put together. */
type Moment = Pick<SlotRow, "state" | "reason" | "code" | "message"> & { late: number; attempts: number };

const fine: Moment = { state: "ran", late: 0, attempts: 1 };

function asleep(time: Date): boolean {
  const weekend = time.getDay() === 0 || time.getDay() === 6;
  return weekend && time.getHours() < 8;
}

function momentOf(time: Date, before: Date | undefined, now: Date, broken: boolean, random: () => number): Moment {
  const failing = broken && now.getTime() - time.getTime() < 51 * 60 * MINUTE;
  if (asleep(time)) {
    return { state: "missed", reason: "asleep", late: 0, attempts: 0 };
  }
  if (failing) {
    const message =
      "“Permission denied” on Documents/FieldNotes. The permission was changed at 06:41 by another program.";
    return { state: "failed", code: "io", message, late: 0, attempts: 5 };
  }
  if (before && asleep(before)) {
    return { state: "caughtUp", reason: "asleep", late: 12, attempts: 1 };
  }
  const battery = time.getDay() === 2 && time.getHours() >= 13 && time.getHours() < 15;
  if (battery) {
    return { state: "missed", reason: "battery", late: 0, attempts: 0 };
  }
  return random() > 0.997 ? { state: "partial", late: 0, attempts: 1 } : fine;
}

function same(one: SlotRow, moment: Moment): boolean {
  return one.state === moment.state && one.reason === moment.reason && moment.state === "missed";
}

/** The proof of a plan, as a source of it saw it or as the worst of them. */
export function proofOf(world: World, plan: PlanSeed, source: string | null | undefined, since: Date): ProofReply {
  const now = world.now;
  const broken = source ? source === "Field notes" : plan.sources.includes("Field notes");
  const random = seeded(plan.name.length * 31 + (source ?? "").length);
  const times = slotsBetween(plan.spec.timetable.schedule, since, now);
  const slots: SlotRow[] = [];
  const reasons = new Map<string, number>();
  let kept = 0;
  for (const [index, time] of times.entries()) {
    const moment = momentOf(time, times[index - 1], now, broken, random);
    kept += moment.state === "ran" ? 1 : 0;
    const why = moment.state === "ran" ? undefined : (moment.reason ?? moment.code ?? moment.state);
    if (why) {
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
    }
    const before = slots.at(-1);
    const due = time.toISOString();
    const { late, ...rest } = moment;
    if (before && same(before, moment)) {
      Object.assign(before, { last: due, count: before.count + 1 });
      continue;
    }
    const started = new Date(time.getTime() + late * MINUTE);
    slots.push({
      due,
      last: due,
      count: 1,
      ...rest,
      ...(moment.state === "missed"
        ? {}
        : {
            started: started.toISOString(),
            finished: new Date(started.getTime() + 42_000).toISOString(),
            run: hexId(index + 7000, 12),
          }),
    });
  }
  for (const [index, slot] of slots.entries()) {
    const next = slots[index + 1];
    if (slot.state === "missed" && next) {
      slot.coveredBy = next.due;
    }
  }
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  for (const time of slotsBetween(plan.spec.timetable.schedule, now, midnight)) {
    const due = time.toISOString();
    slots.push({ due, last: due, count: 1, state: "notYet", attempts: 0 });
  }
  return {
    slots,
    moments: times.length,
    kept,
    reasons: [...reasons].sort((one, other) => other[1] - one[1]),
    watcher: { installed: false },
  };
}
