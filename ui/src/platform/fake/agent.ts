/** Who runs the plans of the fake, and what the system starts. Installing and removing changes that. */
import type { AgentInstallReply, AgentInstallRequest, AgentReply } from "../../api/generated";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import type { World } from "./world";

const MINUTE = 60_000;
const USER = "/home/mara/.config/systemd/user";
const SYSTEM = "/etc/systemd/system";

/** What a system of a world has. Tests change it. */
export interface FakeSystem {
  status: AgentReply;
  /** There is systemd. */
  systemd: boolean;
  /** Somebody edited the files. */
  edited: boolean;
}

const systems = new WeakMap<World, FakeSystem>();

/** The system below a world. */
export function systemOf(world: World): FakeSystem {
  const known = systems.get(world);
  if (known) {
    return known;
  }
  const at = (minutes: number) => new Date(world.now.getTime() + minutes * MINUTE).toISOString();
  const made: FakeSystem = {
    status: {
      running: true,
      here: true,
      process: "backstay-desktop 0.1.0 (4711)",
      since: at(-99),
      alive: at(0),
      installed: false,
      enabled: false,
      watcher: { installed: false },
      onBattery: false,
      metered: false,
      ...(world.sources.length > 0 ? { next: { task: "backup", at: at(19) } } : {}),
      notes: [],
    },
    systemd: true,
    edited: false,
  };
  systems.set(world, made);
  return made;
}

function files({ system, user }: AgentInstallRequest): [string, string | null][] {
  const folder = system ? SYSTEM : USER;
  const unit = (name: string, lines: string[]): [string, string] => [`${folder}/${name}`, `${lines.join("\n")}\n`];
  const watch = [
    unit("backstay-watch.service", ["[Service]", "Type=oneshot", "ExecStart=/usr/bin/backstay agent look"]),
    unit("backstay-watch.timer", ["[Timer]", "OnCalendar=hourly", "Persistent=true"]),
  ];
  const as = system ? [`User=${user ?? "mara"}`] : [];
  const agent = unit("backstay-agent.service", ["[Service]", "ExecStart=/usr/bin/backstay agent", ...as]);
  return [agent, ...watch];
}

function install(request: AgentInstallRequest, world: World): AgentInstallReply {
  const here = systemOf(world);
  const all = files(request);
  if (request.dryRun) {
    return { files: all, enabled: false, nextSteps: [], dryRun: true };
  }
  if (here.edited && !request.force) {
    throw apiError("refused", `${all[0]?.[0]} was edited since Backstay wrote it.`, {
      hint: "Look at it, then overwrite it if it may go.",
    });
  }
  if (here.systemd) {
    here.status.watcher = { installed: true, by: request.system ? "systemdSystem" : "systemdUser" };
    Object.assign(here.status, { installed: true, enabled: true });
    return { files: all.map(([path]) => [path, null]), enabled: true, nextSteps: [], dryRun: false };
  }
  // Without systemd a person has to say who starts it.
  const line = "(crontab -l; echo '@reboot /usr/bin/backstay agent') | crontab -";
  return { files: [], enabled: false, nextSteps: [line], dryRun: false };
}

/** Answers about the agent. */
export const handlers: Handlers = {
  "agent.status": (_, { world }) => systemOf(world).status,
  "agent.install": (request, fake) => {
    const reply = install(request, fake.world);
    if (!reply.dryRun) {
      fake.emit("stale", { topics: ["plans", "audit"] });
    }
    return reply;
  },
  "agent.uninstall": (request, fake) => {
    const { status } = systemOf(fake.world);
    Object.assign(status, { installed: false, enabled: false, watcher: { installed: false } });
    fake.emit("stale", { topics: ["plans", "audit"] });
    return { files: files(request).map(([path]) => [path, null]), enabled: false, nextSteps: [], dryRun: false };
  },
};
