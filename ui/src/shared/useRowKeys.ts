/**
 * Rows that hold a link or button with `data-row`: arrow keys, Home and End move between them, and a click anywhere in a row is
 * a click on that link. (A link stretched over its row would need rows that can hold positioned things; not every WebKit has them.)
 */
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
    const onClick = (event: MouseEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest("a, button, input, label, summary") || window.getSelection()?.isCollapsed === false) {
        return;
      }
      target.closest("tr, li")?.querySelector<HTMLElement>("[data-row]")?.click();
    };
    element.addEventListener("keydown", onKey);
    element.addEventListener("click", onClick);
    return () => {
      element.removeEventListener("keydown", onKey);
      element.removeEventListener("click", onClick);
    };
  });
  return ref;
}

/** Name of the row that has the focus, from its `data-row`. */
export function focusedRow(): string | undefined {
  return document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row;
}
