/** The state an event is shown with, wherever messages and alarms stand. */
import type { Event } from "../api/generated";
import type { Status } from "./StatusGlyph";

const states: Record<Event, Status> = {
  guard: "guard",
  failed: "failed",
  drillFailed: "failed",
  damaged: "failed",
  failureRate: "failed",
  overdue: "overdue",
  watchdog: "overdue",
  partial: "partial",
  meteredAsk: "paused",
  recovered: "complete",
  complete: "complete",
  test: "none",
};

/** The state of an event. */
export function eventStatus(event: Event): Status {
  return states[event];
}
