/** Sources of the fake: kinds, trying, adding, changing, removing. */
import type { ConnectorRow, OptionRow, ProbeReply, SourceRow } from "../../api/generated";
import { couchRestoreOptions, probeCouch } from "./couchData";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import { hexId } from "./random";
import type { World, WorldSource } from "./world";

/** A source by its name. */
export function findSource(world: World, name: string): WorldSource {
  const found = world.sources.find((source) => source.row.name === name);
  if (!found) {
    throw notFound("source", name);
  }
  return found;
}

function option(name: string, value: string, help: string, more: Partial<OptionRow> = {}): OptionRow {
  return {
    name,
    value,
    help,
    required: false,
    multiple: false,
    flag: false,
    secret: false,
    path: false,
    choices: [],
    ...more,
  };
}

/** What kinds that are files have in common. */
const files = { restoreOptions: [], namedPlaces: false, replicates: false };

const connectors: ConnectorRow[] = [
  {
    ...files,
    kind: "folder",
    title: "Folder",
    summary: "Any folder of files, with what to leave out.",
    options: [
      option("path", "DIR", "The folder to protect, as a full path.", { required: true, path: true }),
      option("exclude", "PATTERN", "Leave out what matches, as in a .gitignore file (*.tmp, /build/, !keep.tmp).", {
        multiple: true,
      }),
      option("include", "PATTERN", "Take only what matches (same syntax); with several, what matches any of them.", {
        multiple: true,
      }),
      option("one-file-system", "", "Do not go into other disks mounted below the folder.", { flag: true }),
      option("exclude-caches", "", "Leave out the content of directories marked as caches by a CACHEDIR.TAG file.", {
        flag: true,
      }),
    ],
  },
  {
    ...files,
    kind: "sqlite",
    title: "SQLite or LiveStore",
    summary: "A database file, or a folder of workspaces, while other programs write to it.",
    options: [
      option("path", "PATH", "A database file, or a folder in which databases are looked for", {
        required: true,
        path: true,
      }),
      option("exclude", "GLOB", "Leave out databases whose path below the folder matches (**/cache/*.db)", {
        multiple: true,
      }),
      option("integrity", "quick|full", "How thoroughly each changed database is checked"),
      option("wait", "SECONDS", "How long to wait for a locked database (default: 30)"),
    ],
  },
  {
    kind: "couchdb",
    title: "CouchDB",
    summary: "Databases of a CouchDB, Cloudant or PouchDB server, with conflicts, attachments and settings.",
    restoreOptions: couchRestoreOptions,
    namedPlaces: true,
    replicates: true,
    options: [
      option("url", "URL", "Address of the server, without user and password.", { required: true }),
      option("database", "NAME", "A database to protect, or several (sales-*).", { multiple: true }),
      option("exclude", "NAME", "A database to leave out, or several.", { multiple: true }),
      option("auth", "HOW", "How to log in.", { choices: ["basic", "cookie", "jwt", "proxy", "iam", "none"] }),
      option("user", "NAME", "Name of the user."),
      ...["password", "token", "api-key", "proxy-secret"].map((name) => option(name, "TEXT", name, { secret: true })),
      option("ca", "FILE", "Certificates to trust.", { path: true }),
      option("deleted", "", "Keep what is left of deleted documents too.", { flag: true }),
      option("no-local", "", "Leave out _local documents.", { flag: true }),
      option("system", "", "Take _users and _replicator too.", { flag: true }),
      option("rate", "NUMBER", "Requests a second at most."),
      option("parallel", "NUMBER", "Requests at a time (6)."),
    ],
  },
];

const noCapabilities = {
  records: false,
  files: false,
  changeFeed: false,
  attachments: false,
  create: true,
  update: true,
  delete: true,
  trash: false,
  conflicts: false,
  replicates: false,
  selectors: false,
  transactions: false,
  consistent: "perItem" as const,
};

/** What a probe of these settings finds. Paths with “missing” or “denied” in them fail, as real ones would. */
function probe(kind: string, options: Record<string, unknown>): ProbeReply {
  if (kind === "couchdb") {
    const capabilities = {
      ...noCapabilities,
      records: true,
      changeFeed: true,
      attachments: true,
      conflicts: true,
      replicates: true,
    };
    return { source: String(options.url), capabilities, probe: probeCouch(options) };
  }
  const path = String(options.path ?? "");
  if (!path.startsWith("/")) {
    throw apiError("usage", `“${path}” is not a full path.`, { hint: "Write it from the top: /home/you/Documents" });
  }
  if (path.includes("missing")) {
    throw apiError("notFound", `There is nothing at ${path}.`);
  }
  if (path.includes("denied")) {
    throw apiError("io", `${path} could not be opened: permission denied.`);
  }
  const capabilities = {
    ...noCapabilities,
    records: kind === "sqlite",
    files: true,
    transactions: kind === "sqlite",
    consistent: kind === "sqlite" ? ("whole" as const) : ("perFile" as const),
  };
  const found =
    kind === "sqlite"
      ? ["notes/livestore.db (8601600 bytes)", "tasks/livestore.db (2113536 bytes)"]
      : ["Letters (812 files)", "Photos (1,204 files)", "Taxes (96 files)"];
  return {
    source: path,
    capabilities,
    probe: {
      ...(kind === "sqlite" ? { version: "SQLite 3.46.0" } : {}),
      found,
      parts: [],
      bytes: kind === "sqlite" ? 10_715_136 : 640e6,
      warnings: path.includes("odd") ? ["2 files may not be read by this user."] : [],
    },
  };
}

/** Answers about sources. */
export const handlers: Handlers = {
  "connector.list": () => ({ connectors }),
  "source.list": (_, { world }) => ({ sources: world.sources.map((source) => source.row) }),
  "source.show": ({ name }, { world }) => findSource(world, name).row,
  "source.try": ({ kind, options }) => probe(kind, options),
  "source.probe": ({ name }, { world }) => {
    const { row } = findSource(world, name);
    return { ...probe(row.kind, row.options as Record<string, unknown>), source: name };
  },
  "source.add": (request, fake) => {
    const { world } = fake;
    if (world.sources.some((source) => source.row.name === request.name)) {
      throw apiError("refused", `There is a source “${request.name}” already.`, { hint: "Choose another name." });
    }
    const { capabilities } = probe(request.kind, request.options);
    const row: SourceRow = {
      id: hexId(1500 + world.sources.length, 16),
      name: request.name,
      kind: request.kind,
      options: request.options,
      created: world.now.toISOString(),
      capabilities,
    };
    world.sources.push({
      row,
      points: [],
      gaps: [],
      vaults: world.vaults.filter((vault) => vault.isDefault).map((vault) => vault.name),
      sample: false,
      collections: [],
      files: 2112,
      bytes: 640e6,
    });
    fake.emit("stale", { topics: ["sources"] });
    return row;
  },
  "source.change": (request, fake) => {
    const source = findSource(fake.world, request.name);
    if (
      request.rename &&
      request.rename !== request.name &&
      fake.world.sources.some((one) => one.row.name === request.rename)
    ) {
      throw apiError("refused", `There is a source “${request.rename}” already.`, { hint: "Choose another name." });
    }
    if (request.options) {
      probe(source.row.kind, request.options);
      source.row.options = request.options;
    }
    source.vaults = request.vaults ?? source.vaults;
    source.row.name = request.rename ?? source.row.name;
    fake.emit("stale", { topics: ["sources", "vaults"] });
    return source.row;
  },
  "source.remove": ({ name }, fake) => {
    const source = findSource(fake.world, name);
    fake.world.sources.splice(fake.world.sources.indexOf(source), 1);
    fake.emit("stale", { topics: ["sources"] });
    return {};
  },
};
