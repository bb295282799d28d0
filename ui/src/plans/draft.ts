/** A plan while it is changed: nothing counts before it is saved. */
import { useState } from "react";
import { asError, type BackstayError, call, type PlanRow, type PlanSpec, type Upkeep, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { announce } from "../shared/live";
import { cronProblem } from "./cron";
import { isSpan, spanned } from "./keep";

/** What can be changed on the tabs. The name has a dialog of its own. */
export interface PlanDraft {
  sources: string[];
  vaults: string[];
  spec: PlanSpec;
}

function given(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
}

/** Whether both say the same; a member that is absent and one that is `null` do. */
export function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other;
  }
  if (Array.isArray(one) !== Array.isArray(other)) {
    return false;
  }
  const left = given(one);
  const right = new Map(given(other));
  return left.length === right.size && left.every(([name, member]) => same(member, right.get(name)));
}

/** Why a draft cannot be saved, as the end of a key. */
export type DraftProblem = "cron" | "noTimes" | "noSources" | "every" | "span" | "hook";

function scheduleProblem({ schedule }: PlanSpec["timetable"]): DraftProblem | undefined {
  if (schedule === "manual" || "monthly" in schedule) {
    return undefined;
  }
  if ("cron" in schedule) {
    return cronProblem(schedule.cron.expression) && "cron";
  }
  if ("daily" in schedule || "weekly" in schedule) {
    const { times } = "daily" in schedule ? schedule.daily : schedule.weekly;
    return times.length === 0 ? "noTimes" : undefined;
  }
  const { every } = "minutes" in schedule ? schedule.minutes : schedule.hours;
  return every > 0 ? undefined : "every";
}

/** What is in the way of saving. */
export function draftProblem({ sources, spec }: PlanDraft): DraftProblem | undefined {
  if (sources.length === 0) {
    return "noSources";
  }
  if (spanned.some((rule) => spec.keep[rule] && !isSpan(spec.keep[rule] ?? ""))) {
    return "span";
  }
  if ([spec.hooks.before, spec.hooks.after].some((hook) => hook && hook.command.trim() === "")) {
    return "hook";
  }
  return scheduleProblem(spec.timetable);
}

/** A draft and what can be done with it. */
export interface PlanEdit {
  draft: PlanDraft;
  changed: boolean;
  change: (part: Partial<PlanDraft>) => void;
  changeSpec: (part: Partial<PlanSpec>) => void;
  changeUpkeep: (part: Partial<Upkeep>) => void;
  discard: () => void;
  save: () => Promise<void>;
  saving: boolean;
  error: BackstayError | null;
}

/** The draft of a plan; it follows the plan until something is changed. */
export function usePlanEdit(plan: PlanRow): PlanEdit {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [edited, setEdited] = useState<PlanDraft | null>(null);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const kept: PlanDraft = { sources: plan.sources, vaults: plan.vaults, spec: plan.spec };
  const draft = edited ?? kept;
  const change = (part: Partial<PlanDraft>) => {
    setError(null);
    setEdited((now) => ({ ...(now ?? kept), ...part }));
  };
  const changeSpec = (part: Partial<PlanSpec>) =>
    setEdited((now) => ({ ...(now ?? kept), spec: { ...(now ?? kept).spec, ...part } }));
  const changeUpkeep = (part: Partial<Upkeep>) => changeSpec({ upkeep: { ...draft.spec.upkeep, ...part } });
  const save = async () => {
    setSaving(true);
    setError(null);
    try {
      await call("plan.set", { plan: plan.name, name: plan.name, ...draft });
      await refresh(["plans"]);
      setEdited(null);
      announce(t("plans:footer.saved", { name: plan.name }));
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setSaving(false);
    }
  };
  const discard = () => {
    setEdited(null);
    setError(null);
  };
  const changed = edited !== null && !same(edited, kept);
  return { draft, changed, change, changeSpec, changeUpkeep, discard, save, saving, error };
}
