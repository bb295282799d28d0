/** Replications of the fake: one that follows, one the server runs by itself, and those a person starts. */
import type { ReplicationRow } from "../../api/generated";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import type { World } from "./world";

const kept = new WeakMap<World, ReplicationRow[]>();

function rows(world: World): ReplicationRow[] {
  const known = kept.get(world) ?? [
    {
      id: "follow-berths",
      from: { source: "Harbour registry", collection: "berths" },
      to: { source: "Standby registry", collection: "berths" },
      what: { continuous: true, ids: [], selector: null, via: "here" as const, createTarget: true },
      state: "idle" as const,
      created: new Date(world.now.getTime() - 9 * 86_400_000).toISOString(),
      moved: new Date(world.now.getTime() - 240_000).toISOString(),
      progress: progress(18_204),
      gaps: [
        {
          subject: "berths/berth:0000099",
          kind: "auth" as const,
          message: "is forbidden for this user (a tenant is needed)",
        },
      ],
      gapCount: 1,
    },
  ];
  kept.set(world, known);
  return known;
}

function progress(written: number) {
  return { via: "here" as const, checked: written, written, failed: 0, pending: 0, bytes: written * 1430, idle: true };
}

/** Answers about replications. */
export const handlers: Handlers = {
  "replication.list": ({ source }, { world }) => ({
    kept: rows(world).filter((row) => !source || row.from.source === source || row.to.source === source),
    onServices:
      source === "Harbour registry"
        ? [
            {
              source,
              replication: {
                id: "to-archive",
                from: "https://couch.harbour.example:6984/inspections",
                to: "https://archive.harbour.example/inspections",
                continuous: true,
                state: "crashing",
                problem: "unauthorized: Name or password is incorrect.",
              },
            },
          ]
        : [],
    gaps: [],
  }),
  "replication.start": ({ from, to, what }, fake) => {
    const asked = what;
    if (asked.continuous) {
      rows(fake.world).push({
        id: hexId(rows(fake.world).length + 61, 8),
        from,
        to,
        what: asked,
        state: "running",
        created: fake.world.now.toISOString(),
        progress: { ...progress(120), pending: 4100, idle: false },
        gaps: [],
        gapCount: 0,
      });
      fake.emit("stale", { topics: ["replications"] });
    }
    return { verdict: "complete", from, to, progress: progress(412), gaps: [], run: hexId(99, 12) };
  },
  "replication.stop": ({ id }, fake) =>
    state(fake.world, id, "stopped", () => fake.emit("stale", { topics: ["replications"] })),
  "replication.resume": ({ id }, fake) =>
    state(fake.world, id, "running", () => fake.emit("stale", { topics: ["replications"] })),
  "replication.remove": ({ id }, fake) => {
    kept.set(
      fake.world,
      rows(fake.world).filter((row) => row.id !== id),
    );
    fake.emit("stale", { topics: ["replications"] });
    return {};
  },
};

function state(world: World, id: string, next: ReplicationRow["state"], tell: () => void) {
  const found = rows(world).find((row) => row.id === id);
  if (found) {
    found.state = next;
  }
  tell();
  return {};
}
