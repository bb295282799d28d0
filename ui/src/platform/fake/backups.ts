/** Backups of the fake: each adds a point to its source. */
import type { BackupReport } from "../../api/generated";
import type { Handlers } from "./handlers";
import { hexId } from "./random";

let made = 0;

/** Answers to `backup`. */
export const handlers: Handlers = {
  backup: (request, { world }) => {
    const chosen = world.sources.filter((source) => request.all || request.sources?.includes(source.row.name));
    const runs = chosen.map((source): BackupReport => {
      const number = 9_000_000 + ++made;
      const started = new Date().toISOString();
      const snapshot = hexId(number);
      const run = hexId(number + 1, 12);
      const stored = Math.round(source.bytes * 0.0004);
      source.points.push({
        run,
        time: started,
        seconds: 9,
        verdict: "complete",
        snapshot,
        vault: source.vaults[0] ?? "Office NAS",
        bytes: stored * 3,
        stored,
        gaps: 0,
      });
      source.gaps = [];
      source.row.lastBackup = started;
      source.row.lastVerdict = "complete";
      return {
        run,
        source: source.row.name,
        vault: source.vaults[0] ?? "Office NAS",
        verdict: "complete",
        snapshot,
        started,
        seconds: 9,
        gaps: [],
        error: null,
        files: source.files,
        fileBytes: source.bytes,
        collections: [],
        readBytes: stored * 3,
        storedBytes: stored,
        unchangedFiles: source.files,
      };
    });
    return { verdict: "complete", runs };
  },
};
