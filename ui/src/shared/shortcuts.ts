/**
 * The one list of shortcuts. Components register theirs while they are drawn; the shell listens and shows the list. Keys are
 * written as people read them: `Ctrl K`, `Ctrl Shift B`, `F6`, `?`, `B`.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";
import { appearance } from "../theme/appearance";

/** Where a shortcut belongs in the list of all. */
export type ShortcutGroup = "global" | "page" | "lists" | "letters";

/** One shortcut. */
export interface Shortcut {
  keys: string;
  /** What it does, for the list; translated. */
  label: string;
  group: ShortcutGroup;
  /** Does it; `undefined` for shortcuts that a component handles itself and only lists here. */
  run?: ((event: KeyboardEvent) => void) | undefined;
  /** Means something else in text fields (Ctrl Z): leave it to them. */
  outsideText?: boolean;
}

let registered: Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: Shortcut[]): void {
  registered = next;
  for (const listener of listeners) {
    listener();
  }
}

/** All shortcuts of what is on the screen. */
export function useShortcuts(): Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => registered,
  );
}

/** Settings of one shortcut. */
export interface ShortcutSettings {
  group?: ShortcutGroup;
  /** Off without leaving the component. */
  enabled?: boolean;
  /** See {@link Shortcut.outsideText}. */
  outsideText?: boolean;
}

/**
 * Registers a shortcut while the component is drawn. Group `letters` (single letters) works only while a list or table has the
 * focus, and not at all when the person switched single letters off. The one registered last wins.
 */
export function useShortcut(
  keys: string,
  label: string,
  run: ((event: KeyboardEvent) => void) | undefined,
  { group = "page", enabled = true, outsideText = false }: ShortcutSettings = {},
): void {
  const latest = useRef(run);
  latest.current = run;
  const acts = run !== undefined;
  useEffect(() => {
    if (!enabled) {
      return;
    }
    const mine: Shortcut = {
      keys,
      label,
      group,
      run: acts ? (event) => latest.current?.(event) : undefined,
      outsideText,
    };
    change([...registered, mine]);
    return () => change(registered.filter((known) => known !== mine));
  }, [keys, label, group, enabled, acts, outsideText]);
}

const named: Record<string, string> = { Esc: "escape", "↑": "arrowup", "↓": "arrowdown", Space: " " };

function matches(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split(" ");
  const last = parts.at(-1) ?? "";
  const key = (named[last] ?? last).toLowerCase();
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  if (wants("Ctrl") !== (event.ctrlKey || event.metaKey) || wants("Alt") !== event.altKey) {
    return false;
  }
  // `?` and `/` need Shift on some keyboards: for signs the sign itself counts.
  const sign = last.length === 1 && !/[a-z0-9]/i.test(last);
  if (!sign && wants("Shift") !== event.shiftKey) {
    return false;
  }
  return event.key.toLowerCase() === key || (/^\d$/.test(last) && event.code === `Digit${last}`);
}

/** Whether typing goes into the element. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  const field = target.closest("input, textarea, select, [contenteditable=true]");
  return field !== null && !["checkbox", "radio", "button"].includes((field as HTMLInputElement).type);
}

function inList(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("table, ul, ol, [role=grid], [role=listbox], [role=tree], [data-list]") !== null
  );
}

/** Finds and does what a key press means. Returns whether it meant something. */
export function press(event: KeyboardEvent): boolean {
  if (event.defaultPrevented) {
    return false;
  }
  const dialog = document.querySelector("[role=dialog][aria-modal=true]");
  for (const shortcut of [...registered].reverse()) {
    if (!shortcut.run || !matches(shortcut.keys, event)) {
      continue;
    }
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey && shortcut.keys.length === 1;
    if ((bare || shortcut.outsideText) && isTyping(event.target)) {
      continue;
    }
    if (shortcut.group === "letters" && (!appearance().singleKeys || !inList(event.target))) {
      continue;
    }
    // A dialog keeps the page behind it from acting; its own shortcuts are registered after it opened and are of the page, too.
    if (dialog && shortcut.group !== "page") {
      continue;
    }
    event.preventDefault();
    shortcut.run(event);
    return true;
  }
  return false;
}
