/** Ctrl +, Ctrl − and Ctrl 0: the size of everything, as browsers have it. The desktop scales the window when the setting changed. */
import { useEffect } from "react";
import { call } from "../api";
import { useTranslation } from "../i18n";
import { useShortcut } from "../shared/shortcuts";

/** Sizes the keys step through, in percent; Settings offers those between as well. */
const steps = [80, 90, 100, 110, 125, 150, 175, 200];

/** The next larger or smaller size. */
export function nextZoom(zoom: number, direction: 1 | -1): number {
  const next = direction > 0 ? steps.find((step) => step > zoom) : steps.findLast((step) => step < zoom);
  return next ?? zoom;
}

async function change(to: (zoom: number) => number): Promise<void> {
  const settings = await call("settings.get", {}, { silent: true });
  const zoom = to(settings.zoom);
  if (zoom !== settings.zoom) {
    await call("settings.set", { ...settings, zoom }, { silent: true });
  }
}

/** Listens while it is drawn. */
export function useZoomKeys(): void {
  const { t } = useTranslation();
  const all = { group: "global" } as const;
  const set = (to: (zoom: number) => number) => void change(to).catch(() => undefined);
  useShortcut("Ctrl +", t("shell:keys.larger"), () => set((zoom) => nextZoom(zoom, 1)), all);
  useShortcut("Ctrl -", t("shell:keys.smaller"), () => set((zoom) => nextZoom(zoom, -1)), all);
  useShortcut("Ctrl 0", t("shell:keys.usualSize"), () => set(() => 100), all);
  useEffect(() => {
    // Where + needs Shift, people press the key alone.
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey && !event.altKey && event.key === "=" && !event.defaultPrevented) {
        event.preventDefault();
        void change((zoom) => nextZoom(zoom, 1)).catch(() => undefined);
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
