/** Arrow keys, Home and End between the rows of a table whose rows hold a link or button with `data-row`. */
import { type RefObject, useEffect, useRef } from "react";

/** Put the reference on the table or list. */
export function useRowKeys<E extends HTMLElement = HTMLTableElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) {
      return;
    }
    const onKey = (event: KeyboardEvent) => {
      const here = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
      const step = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[
        event.key
      ];
      if (!here || step === undefined || event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      const rows = [...element.querySelectorAll<HTMLElement>("[data-row]")];
      const next = Math.max(0, Math.min(rows.length - 1, rows.indexOf(here) + step));
      event.preventDefault();
      rows[next]?.focus();
    };
    element.addEventListener("keydown", onKey);
    return () => element.removeEventListener("keydown", onKey);
  });
  return ref;
}

/** Name of the row that has the focus, from its `data-row`. */
export function focusedRow(): string | undefined {
  return document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row;
}
