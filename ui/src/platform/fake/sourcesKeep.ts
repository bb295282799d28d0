/** Retention of the fake: which backups of a source stay, and removing single ones. */
import type { ForgetRow, KeepSpec } from "../../api/generated";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { findSource } from "./sources";

/** Reasons a backup at this place in the list (newest first) stays; none: it goes. */
function reasons(keep: KeepSpec, index: number, seen: Set<string>, time: string): string[] {
  const day = time.slice(0, 10);
  const fresh = !seen.has(day);
  seen.add(day);
  const found: string[] = [];
  if (keep.forever) {
    found.push("forever");
  }
  if (index < (keep.last ?? 0)) {
    found.push(`last ${index + 1}`);
  }
  if ((keep.preset || (keep.daily ?? 0) >= seen.size) && fresh) {
    found.push("daily");
  }
  return found;
}

/** Answers about keeping and removing backups. */
export const handlers: Handlers = {
  "snapshot.forget": ({ source, vault, keep, dryRun }, fake) => {
    const found = findSource(fake.world, source);
    const seen = new Set<string>();
    const newest = found.points.filter((point) => point.snapshot && (!vault || point.vault === vault)).reverse();
    const rows = newest.map((point, index): ForgetRow => {
      const why = reasons(keep, index, seen, point.time);
      return {
        id: point.snapshot ?? "",
        vault: point.vault ?? "",
        time: point.time,
        keep: why.length > 0,
        reasons: why,
      };
    });
    const gone = new Set(rows.filter((row) => !row.keep).map((row) => row.id));
    if (!dryRun) {
      found.points = found.points.filter((point) => !gone.has(point.snapshot ?? "-"));
      fake.emit("stale", { topics: ["sources", "snapshots", "runs"] });
    }
    return { snapshots: rows, removed: gone.size, frees: gone.size * 7_300_000, dryRun };
  },
  "snapshot.remove": ({ snapshot, last }, fake) => {
    const source = fake.world.sources.find((one) => one.points.some((point) => point.snapshot?.startsWith(snapshot)));
    if (!source) {
      throw notFound("snapshot", snapshot);
    }
    const complete = source.points.filter((point) => point.verdict === "complete");
    if (!last && complete.length === 1 && complete[0]?.snapshot?.startsWith(snapshot)) {
      throw apiError("refused", `This is the last complete backup of “${source.row.name}”.`);
    }
    source.points = source.points.map((point) => {
      const { snapshot: id, ...rest } = point;
      return id?.startsWith(snapshot) ? rest : point;
    });
    fake.emit("stale", { topics: ["sources", "snapshots"] });
    return {};
  },
};
