/**
 * How the window looks and listens, as the person chose it. The engine's settings are the truth; a copy in the browser's own
 * storage lets the first frame be painted in the right colours, before anything was asked.
 */
import { useSyncExternalStore } from "react";
import type { Settings } from "../api/generated";

/** The settings that change how the window looks or listens. */
export type Appearance = Pick<Settings, "scheme" | "colourBlind" | "language" | "reducedMotion" | "singleKeys">;

const initial: Appearance = {
  scheme: "system",
  colourBlind: false,
  language: "system",
  reducedMotion: false,
  singleKeys: true,
};
const KEY = "backstay.appearance";
const listeners = new Set<() => void>();
let current: Appearance = read();

function read(): Appearance {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Appearance>;
    return { ...initial, ...kept };
  } catch {
    return initial;
  }
}

/** The choices now. */
export function appearance(): Appearance {
  return current;
}

/** Changes some of them, at once and for the next start. More members than these are ignored. */
export function setAppearance(change: Partial<Appearance>): void {
  const next = { ...current };
  for (const name of Object.keys(initial) as (keyof Appearance)[]) {
    if (change[name] !== undefined) {
      Object.assign(next, { [name]: change[name] });
    }
  }
  if (JSON.stringify(next) === JSON.stringify(current)) {
    return;
  }
  current = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Without storage the choice lasts until the window closes; the engine still has it.
  }
  for (const listener of listeners) {
    listener();
  }
}

/** The choices, kept up to date. */
export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, appearance);
}

/** Calls back at every change, until the returned function is called. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Light or dark, with `system` resolved. */
export function resolvedScheme(): "light" | "dark" {
  if (current.scheme !== "system") {
    return current.scheme;
  }
  return window.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
