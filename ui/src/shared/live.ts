/** What is said aloud to screen readers. The shell holds the two live regions; anybody can put a sentence in. */
import { useSyncExternalStore } from "react";

interface Said {
  polite: string;
  assertive: string;
}
let said: Said = { polite: "", assertive: "" };
const listeners = new Set<() => void>();

/** Says a sentence; `assertive` only for what failed. */
export function announce(sentence: string, urgency: "polite" | "assertive" = "polite"): void {
  // A sentence that is said again must differ, or nothing is read out.
  const next = said[urgency] === sentence ? `${sentence}\u00a0` : sentence;
  said = { ...said, [urgency]: next };
  for (const listener of listeners) {
    listener();
  }
}

/** Takes back what was said: names of what is backed up have no place behind the lock. */
export function hush(): void {
  said = { polite: "", assertive: "" };
  for (const listener of listeners) {
    listener();
  }
}

/** What both regions say now. */
export function useSaid(): Said {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
}
