/** The desktop below the window. The only file that knows Tauri. */
import { invoke } from "@tauri-apps/api/core";
import { listen, TauriEvent } from "@tauri-apps/api/event";
import type { DropEvent, Platform } from "./platform";

/** `listen` answers later; stopping before that must still stop. */
function stoppable(listening: Promise<() => void>): () => void {
  return () => {
    void listening.then((stop) => stop());
  };
}

/** The platform of the real window. */
export const tauri: Platform = {
  name: "desktop",
  call: (name, request, options) => invoke("call", { name, request, options: options ?? null }),
  cancelCall: (token) => invoke("cancel_call", { token }),
  shell: (name, request) => invoke("shell", { name, request }),
  listen: (event, handler) => stoppable(listen(event, ({ payload }) => handler(payload as never))),
  onDrop: (handler) => {
    const stops = [
      listen<{ paths: string[] }>(TauriEvent.DRAG_ENTER, (event) =>
        handler({ type: "enter", paths: event.payload.paths }),
      ),
      listen(TauriEvent.DRAG_OVER, () => handler({ type: "over" })),
      listen(TauriEvent.DRAG_LEAVE, () => handler({ type: "leave" })),
      listen<{ paths: string[] }>(TauriEvent.DRAG_DROP, (event) => {
        const dropped: DropEvent = { type: "drop", paths: event.payload.paths };
        handler(dropped);
      }),
    ].map(stoppable);
    return () => {
      for (const stop of stops) {
        stop();
      }
    };
  },
  setTitle: (title) => {
    document.title = title;
  },
};
