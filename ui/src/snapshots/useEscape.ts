/** Esc closes the panel, unless something nearer takes it: a dialog, a menu, an open list, a text that can be emptied. */
import { useShortcut } from "../shared/shortcuts";

function taken(target: EventTarget | null): boolean {
  const field = target instanceof HTMLElement ? target : null;
  return (
    document.querySelector("[role=dialog], [role=menu]") !== null ||
    field?.getAttribute("aria-expanded") === "true" ||
    (field instanceof HTMLInputElement && field.type === "text" && field.value !== "")
  );
}

/** Registers Esc while the component is drawn. */
export function useEscape(label: string, close: () => void): void {
  useShortcut("Esc", label, (event) => {
    if (!taken(event.target)) {
      close();
    }
  });
}
