/** Everything the window knows about the engine. */
export * from "./client";
export * from "./error";
export { connect } from "./events";
export type * from "./generated";
export {
  cancelJob,
  dismissJob,
  jobEnd,
  loadJobs,
  pauseJobs,
  resetJobs,
  startJob,
  useJob,
  useJobs,
  usePausedUntil,
} from "./jobs";
export { type SecretNeed, setPrompter } from "./secrets";
