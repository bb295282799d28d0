/** Sources of the fake, and the overview. */
import type { Health, OverviewReply, SourceHealth } from "../../api/generated";
import { notFound } from "./errors";
import type { Handlers } from "./handlers";
import type { World, WorldSource } from "./world";

/** A source by its name. */
export function findSource(world: World, name: string): WorldSource {
  const found = world.sources.find((source) => source.row.name === name);
  if (!found) {
    throw notFound("source", name);
  }
  return found;
}

function health(source: WorldSource): SourceHealth {
  const last = source.points.at(-1);
  const lastGood = source.points.filter((point) => point.verdict === "complete").at(-1);
  const worst: Health = last?.verdict ?? "none";
  return {
    source: source.row,
    health: worst,
    sample: source.sample,
    ...(last ? { last } : {}),
    ...(lastGood ? { lastGood } : {}),
    holds: {
      collections: source.collections.length,
      records: source.collections.reduce((sum, collection) => sum + collection.records, 0),
      files: source.files,
      bytes: source.bytes,
      workspaces: source.row.kind === "sqlite" ? 1 : 0,
    },
    gaps: source.gaps,
    points: source.points,
    vaults: source.vaults,
  };
}

function overview(world: World, only?: string | null): OverviewReply {
  return {
    sources: world.sources.filter((source) => !only || source.row.name === only).map(health),
    vaults: world.vaults.map((vault, index) => ({
      vault,
      reachable: index !== 1,
      open: index !== 1,
      ...(index === 0 ? { free: 1.9e12, total: 4e12, used: 31e9, snapshots: 497 } : {}),
      kit: index === 0 ? { made: vault.created, confirmed: vault.created, outdated: false } : { outdated: false },
    })),
  };
}

const option = { multiple: false, flag: false, secret: false };

/** Answers about sources. */
export const handlers: Handlers = {
  overview: (request, { world }) => overview(world, request.source),
  "source.list": (_, { world }) => ({ sources: world.sources.map((source) => source.row) }),
  "source.show": ({ name }, { world }) => findSource(world, name).row,
  "connector.list": () => ({
    connectors: [
      {
        kind: "folder",
        title: "Folder",
        summary: "Any folder of files, with what to leave out.",
        options: [
          { ...option, name: "path", value: "DIR", help: "The folder.", required: true, path: true },
          {
            ...option,
            name: "exclude",
            value: "PATTERN",
            help: "What to leave out.",
            required: false,
            multiple: true,
            path: false,
          },
        ],
      },
      {
        kind: "sqlite",
        title: "SQLite",
        summary: "A SQLite database, or a folder of workspaces, while other programs write to it.",
        options: [
          {
            ...option,
            name: "path",
            value: "FILE|DIR",
            help: "The database, or the folder.",
            required: true,
            path: true,
          },
        ],
      },
    ],
  }),
};
