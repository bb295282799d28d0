/** Locks the window after the minutes without input that the person set. Jobs go on. */
import { useEffect } from "react";
import { call, useCall } from "../api";

const signs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Watches for input while a lock is set. */
export function useIdleLock(): void {
  const settings = useCall("settings.get", {}, { silent: true });
  const lock = useCall("lock.state", {}, { silent: true });
  const minutes = lock.data?.set && settings.data?.lock.opening ? settings.data.lockAfter : 0;
  useEffect(() => {
    if (minutes <= 0) {
      return;
    }
    let last = Date.now();
    const note = () => {
      last = Date.now();
    };
    // Looked at by the clock, not by one long timer: a computer that slept must lock as well.
    const timer = setInterval(() => {
      if (Date.now() - last >= minutes * 60_000) {
        note();
        void call("lock.close", {}, { silent: true }).catch(() => undefined);
      }
    }, 5_000);
    for (const sign of signs) {
      window.addEventListener(sign, note, { passive: true });
    }
    return () => {
      clearInterval(timer);
      for (const sign of signs) {
        window.removeEventListener(sign, note);
      }
    };
  }, [minutes]);
}
