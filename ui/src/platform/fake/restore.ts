/** Restores of the fake: plans, runs, undo. */
import type { PlanCounts, PlanHeader, RestoreReply, SourceRow, TargetSource } from "../../api/generated";
import { couchRestoreOptions, isCouch } from "./couchData";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import { type FakePlan, makePlan, stepsOf } from "./restorePlan";
import { findState } from "./snapshotsData";

const plans = new Map<string, FakePlan>();
const runs = new Map<string, PlanHeader>();
let made = 0;

function planAt(path: string): FakePlan {
  const plan = plans.get(path);
  if (!plan) {
    throw notFound("plan", path);
  }
  return plan;
}

const written = (counts: PlanCounts) => counts.create + counts.update + counts.keepBoth + counts.delete;

function report(plan: PlanHeader, undo: boolean): RestoreReply {
  const run = hexId(7_000_000 + ++made, 12);
  const checked = written(plan.counts);
  // One of many differs, so that the list of differences has something to show.
  const living = plan.target === "inPlace" || ("source" in plan.target && plan.target.source.place == null);
  const differ = !undo && living && checked > 9 ? 1 : 0;
  runs.set(run, plan);
  return {
    run,
    verdict: differ || plan.counts.impossible ? "partial" : "complete",
    plan,
    target: targetText(plan),
    written: checked,
    gaps: Array.from({ length: plan.counts.impossible }, (_, index) => ({
      subject: `files/Hiring/interview-${index + 19}.pdf`,
      kind: "unsupported" as const,
      message: "the backup has no content for it",
    })),
    readBack: {
      checked,
      equal: checked - differ,
      score: checked ? ((checked - differ) / checked) * 100 : 100,
      differences: differ
        ? [{ subject: "roadmap/4", message: "“notes” was edited at 09:49, after it was written" }]
        : [],
    },
    ...(living ? { safetySnapshot: hexId(made + 80) } : {}),
    canUndo: !undo && checked > 0,
  };
}

function placeOf(options: unknown): string {
  const { path, url } = options as { path?: string; url?: string };
  return path ?? url ?? "";
}

function targetOf({ name, options, capabilities = null }: SourceRow, origin: boolean): TargetSource {
  return {
    name,
    place: placeOf(options),
    origin,
    capabilities,
    ...(name.includes("read-only") ? { problem: "This user may only read there." } : {}),
  };
}

/** Answers about restores. */
export const handlers: Handlers = {
  "restore.targets": ({ at }, { world }) => {
    const state = findState(world, at.snapshot);
    const { name, kind, options, capabilities } = state.source.row;
    const file = kind === "sqlite" ? ".db" : "";
    const couch = isCouch(state.source);
    const known = world.sources.some(({ row }) => row.name === name);
    return {
      kind,
      namedPlaces: couch,
      suggested: couch ? "*-restored" : `/home/mara/Restored/${name} 2026-11-20${file}`,
      ...(known ? { origin: placeOf(options) } : {}),
      sources: world.sources.filter(({ row }) => row.kind === kind).map(({ row }) => targetOf(row, row.name === name)),
      options: couch ? couchRestoreOptions : [],
      ...(capabilities ? { capabilities } : {}),
      ...(name === "Field notes" ? { noInPlace: "The folder cannot be opened: permission denied." } : {}),
    };
  },
  "restore.plan": (request, { world }) => {
    const plan = makePlan(world, request);
    const path = `/home/mara/.local/share/backstay/plans/${plan.header.planId}.ndjson`;
    plans.set(path, plan);
    const { steps, total } = stepsOf(plan, 0, 1000);
    return { plan: plan.header, path, steps, more: total > steps.length };
  },
  "restore.steps": ({ path, offset, limit, action, search }) => stepsOf(planAt(path), offset, limit, action, search),
  "restore.openPlan": ({ path }) => {
    const plan = planAt(path);
    const { steps, total } = stepsOf(plan, 0, 1000);
    return { plan: plan.header, path, steps, more: total > steps.length };
  },
  "restore.savePlan": ({ to }) => ({ path: to }),
  "restore.run": ({ path }) => {
    const { header } = planAt(path);
    if (header.counts.conflict > 0) {
      throw apiError("refused", `${header.counts.conflict} items wait for a decision.`);
    }
    return report(header, false);
  },
  "restore.resume": ({ run }) => {
    const plan = runs.get(run) ?? [...plans.values()].at(-1)?.header;
    if (!plan) {
      throw notFound("run", run);
    }
    return report(plan, false);
  },
  "restore.undo": ({ run }) => {
    const plan = runs.get(run) ?? [...plans.values()].at(-1)?.header;
    if (!plan) {
      throw notFound("run", run);
    }
    const { create, update, keepBoth } = plan.counts;
    const none = { create: 0, same: 0, skip: 0, conflict: 0, keepBoth: 0, impossible: 0 };
    return report({ ...plan, counts: { ...none, update, delete: create + keepBoth } }, true);
  },
};

/** Where a plan writes, as a run names it. */
function targetText(plan: PlanHeader): string {
  if (plan.target === "inPlace") {
    return `/home/mara/${plan.source}`;
  }
  return "new" in plan.target ? plan.target.new : plan.target.source.source;
}
