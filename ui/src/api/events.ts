/** Connects what the engine tells on its own with the replies the window keeps. */
import type { QueryClient } from "@tanstack/react-query";
import { platform } from "../platform";
import { refresh } from "./client";
import { loadJobs, noteJob } from "./jobs";

/** Listens until the returned function is called. */
export function connect(client: QueryClient): () => void {
  const stops = [
    platform().listen("job", noteJob),
    platform().listen("stale", ({ topics }) => void refresh(client, topics)),
  ];
  // A window that opens on a locked app gets its jobs when it is unlocked.
  void loadJobs().catch(() => undefined);
  return () => {
    for (const stop of stops) {
      stop();
    }
  };
}
