/** Starts a task of a plan as a job, and keeps what stood in the way so that the page can show it. */
import { useState } from "react";
import { asError, type BackstayError, type PlanRunRequest, startJob } from "../api";

/** The function that starts one, and why the last try did not. */
export function useRunPlan() {
  const [error, setError] = useState<BackstayError | null>(null);
  const run = (request: PlanRunRequest) => {
    setError(null);
    startJob("plan.run", request).catch((thrown) => setError(asError(thrown)));
  };
  return { run, error };
}
