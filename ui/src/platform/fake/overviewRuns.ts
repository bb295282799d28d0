/** Runs of the fake: backups of sources and checks of vaults, newest first. */
import type { RunRow } from "../../api/generated";
import { otherRuns, runEvents } from "./activity";
import { notFound } from "./errors";
import type { Handlers } from "./handlers";
import { vaultState } from "./vaults";
import type { World } from "./world";

/** The plans that run the sources of the invented world. */
const plans: Record<string, string> = {
  "Team wiki": "Every 6 hours",
  "Product ops": "Hourly",
  Orders: "Half-hourly",
  "Field notes": "Half-hourly",
  Billing: "Every 3 hours",
  "Harbour map": "Nightly",
  Contracts: "Nightly",
};

function backups(world: World): RunRow[] {
  return world.sources.flatMap((source) =>
    source.points.map(
      (point): RunRow => ({
        id: point.run,
        kind: "backup",
        source: source.row.name,
        vault: point.vault ?? null,
        snapshot: point.snapshot ?? null,
        started: point.time,
        finished: point.seconds ? new Date(Date.parse(point.time) + point.seconds * 1000).toISOString() : null,
        verdict: point.verdict ?? null,
        reason: point.reason ?? null,
        ...(point.gaps ? { gaps: point.gaps } : {}),
        ...(point.snapshot ? { stored: point.stored } : {}),
        plan: plans[source.row.name] ?? null,
        canUndo: false,
        canResume: false,
      }),
    ),
  );
}

function all(world: World): RunRow[] {
  const checks = world.vaults.flatMap((vault) => vaultState(world, vault.name).checks.map((check) => check.row));
  return [...backups(world), ...checks, ...otherRuns(world)].sort((one, other) =>
    other.started.localeCompare(one.started),
  );
}

/** Answers about runs. */
export const handlers: Handlers = {
  "run.list": ({ id, source, kind, verdict, plan, limit }, { world }) => {
    const runs = all(world).filter(
      (run) =>
        (!source || run.source === source) &&
        (!kind || run.kind === kind) &&
        (!verdict || run.verdict === verdict) &&
        (!plan || run.plan === plan),
    );
    if (!id) {
      return { runs: runs.slice(0, limit ?? runs.length) };
    }
    const run = runs.find((one) => one.id.startsWith(id));
    if (!run) {
      throw notFound("run", id);
    }
    const check = world.vaults
      .flatMap((vault) =>
        vaultState(world, vault.name).checks.map((one) => ({ ...one, of: vaultState(world, vault.name).bytes })),
      )
      .find((one) => one.row.id === run.id);
    const bytes = check ? (check.of * check.share) / 100 : 0;
    const gaps = world.sources.find((one) => one.row.name === run.source)?.gaps ?? [];
    return {
      runs: [run],
      detail: {
        run,
        items: run.kind === "backup" && run.snapshot ? 2180 : 0,
        bytes: bytes || (run.stored ?? 0) * 4,
        storedBytes: run.stored ?? 0,
        gaps: run.verdict === "partial" ? gaps : [],
        events: runEvents(run),
      },
    };
  },
};
