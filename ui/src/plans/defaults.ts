/** What a new plan begins with: backups every six hours, the usual retention, and checks that cost little. */
import type { PlanSpec } from "../api";
import { byClock, manual } from "./timetable";

/** Shares, numbers and switches as the engine has them when nobody says otherwise. */
export const guardDefaults: PlanSpec["guards"] = {
  sharePercent: 25,
  count: 500,
  least: 20,
  emptied: true,
  schema: true,
  coverage: true,
};

/** The usual plan. */
export function freshSpec(): PlanSpec {
  return {
    timetable: byClock({ hours: { every: 6, from: "03:00", days: [] } }),
    rules: {
      missed: "catchUp",
      battery: { wait: { maxMinutes: 720 } },
      metered: { wait: { maxMinutes: 720 } },
      busy: "queue",
      quiet: [],
    },
    keep: { preset: "30d-12w-12m" },
    upkeep: {
      forget: byClock({ daily: { times: ["01:30"] } }),
      prune: byClock({ weekly: { days: ["sun"], times: ["04:30"] } }),
      structure: byClock({ weekly: { days: ["sun"], times: ["03:30"] } }),
      sample: byClock({ daily: { times: ["02:30"] } }),
      samplePercent: 5,
      full: manual,
      drill: manual,
      drillOne: byClock({ weekly: { days: ["sat"], times: ["04:00"] } }),
    },
    guards: guardDefaults,
    hooks: {},
    retry: { times: 4, minutes: 2 },
  };
}
