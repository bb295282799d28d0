/** Channels, messages and alarms of the fake. Setting, testing and removing a channel changes the list and what was sent. */
import type { AlertRow, ChannelKind, ChannelRow, Event, Message, SentRow } from "../../api/generated";
import { apiError, notFound } from "./errors";
import type { Handlers } from "./handlers";
import type { Fake } from "./index";
import type { World } from "./world";

const MINUTE = 60_000;

/** What a world tells, and told. Tests may change it. */
export interface FakeChannels {
  channels: ChannelRow[];
  sent: SentRow[];
  alerts: AlertRow[];
  /** What is kept in the keychain, by channel. */
  secrets: Map<string, string>;
}

const told = new WeakMap<World, FakeChannels>();

function ago(world: World, minutes: number): string {
  return new Date(world.now.getTime() - minutes * MINUTE).toISOString();
}

function sent(world: World, minutes: number, event: Event, title: string, row: Partial<SentRow> = {}): SentRow {
  return {
    time: ago(world, minutes),
    channel: "desktop",
    event,
    title,
    delivered: ago(world, minutes),
    givenUp: false,
    attempts: 1,
    ...row,
  };
}

function alert(world: World, minutes: number, count: number, message: Partial<Message> & { cause: string }): AlertRow {
  return {
    cause: message.cause,
    since: ago(world, minutes),
    last: ago(world, Math.max(0, minutes - 40 * count)),
    count,
    message: {
      event: "failed",
      title: "",
      body: "",
      time: ago(world, minutes),
      host: "mara-desk",
      gaps: 0,
      ...message,
    },
  };
}

function fresh(world: World): FakeChannels {
  if (world.sources.length === 0) {
    return { channels: [], sent: [], alerts: [], secrets: new Map() };
  }
  const hook: ChannelRow = {
    id: "channel-1",
    name: "Team chat",
    kind: { webhook: { slack: true } },
    target: "https://hooks.halyard.example",
    events: [],
    plans: [],
    enabled: true,
    delivered: ago(world, 26),
  };
  const notes = "Field notes: the folder could not be opened";
  return {
    channels: [hook],
    sent: [
      sent(world, 26, "partial", "Team wiki: saved, with 13 gaps"),
      sent(world, 26, "partial", "Team wiki: saved, with 13 gaps", { channel: "Team chat" }),
      sent(world, 71, "failed", notes),
      sent(world, 71, "failed", notes, {
        channel: "Team chat",
        delivered: null,
        givenUp: true,
        attempts: 3,
        error: "https://hooks.halyard.example answered 503: maintenance",
      }),
      sent(world, 1800, "overdue", "Field notes is overdue"),
      sent(world, 8900, "recovered", "Billing is backed up again"),
    ],
    alerts: [
      alert(world, 71, 3, {
        cause: "failed/Field notes",
        title: notes,
        source: "Field notes",
        plan: "Half-hourly",
        code: "unreachable",
        body: "Nothing new was saved. The newest complete backup is of Wednesday.",
      }),
    ],
    secrets: new Map([["channel-1", "https://hooks.halyard.example/T0/B0/key"]]),
  };
}

/** What this world tells. */
export function channelsOf(world: World): FakeChannels {
  const known = told.get(world) ?? fresh(world);
  told.set(world, known);
  return known;
}

function find(world: World, name: string): ChannelRow {
  const row = channelsOf(world).channels.find((one) => one.id === name || one.name === name);
  if (!row) {
    throw notFound("channel", name);
  }
  return row;
}

/** Scheme and host of an address, the receivers, or the command: what may be shown. */
function target(kind: ChannelKind, secret: string): string {
  if ("mail" in kind) {
    return kind.mail.to.join(", ");
  }
  if ("command" in kind) {
    return secret.split(" ")[0] ?? "";
  }
  const [, place] = /^(https?:\/\/[^/?#]+)/i.exec(secret) ?? [];
  if (!place) {
    throw apiError("usage", "the address is not usable: it has no host");
  }
  return place;
}

let made = 1;

function set(request: Parameters<NonNullable<Handlers["channel.set"]>>[0], fake: Fake): ChannelRow {
  const here = channelsOf(fake.world);
  const before = request.channel ? find(fake.world, request.channel) : undefined;
  if (here.channels.some((one) => one !== before && one.name.toLowerCase() === request.name.toLowerCase())) {
    throw apiError("refused", `There is a channel “${request.name}” already.`);
  }
  const id = before?.id ?? `channel-${++made}`;
  const secret = request.secret ?? here.secrets.get(id) ?? "";
  const row: ChannelRow = {
    ...before,
    id,
    name: request.name,
    kind: request.kind,
    target: target(request.kind, secret),
    events: request.events ?? [],
    plans: request.plans ?? [],
    enabled: request.enabled ?? before?.enabled ?? true,
  };
  here.secrets.set(id, secret);
  here.channels = [...here.channels.filter((one) => one.id !== id), row].sort((a, b) => a.name.localeCompare(b.name));
  fake.emit("stale", { topics: ["channels", "audit"] });
  return row;
}

/** Answers about channels, messages and alarms. */
export const handlers: Handlers = {
  "channel.list": (_, { world }) => {
    const { channels, sent: rows } = channelsOf(world);
    return { channels, sent: rows };
  },
  "channel.set": set,
  "channel.remove": ({ channel }, fake) => {
    const here = channelsOf(fake.world);
    const row = find(fake.world, channel);
    here.channels = here.channels.filter((one) => one !== row);
    here.secrets.delete(row.id);
    fake.emit("stale", { topics: ["channels", "audit"] });
    return {};
  },
  "channel.test": ({ channel }, fake) => {
    const row = find(fake.world, channel);
    const time = new Date().toISOString();
    row.delivered = time;
    row.problem = null;
    channelsOf(fake.world).sent.unshift(
      sent(fake.world, 0, "test", "A test of Backstay", { channel: row.name, time, delivered: time }),
    );
    fake.emit("stale", { topics: ["channels"] });
    const answer = "command" in row.kind ? "exit code 0" : "mail" in row.kind ? "250 OK" : "202 Accepted";
    return { seconds: 0.31, answer };
  },
  "alert.list": (_, { world }) => ({ alerts: channelsOf(world).alerts }),
};
