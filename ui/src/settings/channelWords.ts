/** What kinds of channels there are, what they tell, and how a form becomes a request. Pure, so that every case can be tested. */
import type { ChannelKind, ChannelRow, ChannelSetRequest, Event } from "../api";

/** Kinds of channels, in the order they are offered. */
export const kinds = ["webhook", "heartbeat", "mail", "command"] as const;
/** A kind of channel. */
export type Kind = (typeof kinds)[number];

/** Everything a channel can tell, worst first. */
export const events: Event[] = [
  "guard",
  "failed",
  "damaged",
  "drillFailed",
  "failureRate",
  "overdue",
  "watchdog",
  "partial",
  "meteredAsk",
  "recovered",
  "complete",
];
/** What a channel tells unless somebody chooses: everything that needs a person. */
export const needing: Event[] = [
  "guard",
  "failed",
  "damaged",
  "drillFailed",
  "failureRate",
  "overdue",
  "watchdog",
  "partial",
  "meteredAsk",
];

/** The kind of a channel: the name of the one member it has. */
export function kindOf(kind: ChannelKind): Kind {
  return kinds.find((name) => name in kind) ?? "command";
}

/** The key of the catalogue for a kind: Slack's form has a word of its own. */
export function kindWord(kind: ChannelKind): Kind | "slack" {
  return "webhook" in kind && kind.webhook.slack ? "slack" : kindOf(kind);
}

/** Whether these are just the events that need a person. */
export function isEverything(chosen: Event[]): boolean {
  return chosen.length === 0 || (chosen.length === needing.length && needing.every((event) => chosen.includes(event)));
}

/** What a person types into the dialog. */
export interface Draft {
  kind: Kind;
  name: string;
  /** The address, the password or the command line; never what is kept already. */
  secret: string;
  slack: boolean;
  host: string;
  port: number;
  security: string;
  user: string;
  from: string;
  to: string[];
  seconds: number;
  events: Event[];
  plans: string[];
}

/** Usual port of a protection (RFC 8314, section 3.3; RFC 6409, section 3.1). */
export const ports: Record<string, number> = { startTls: 587, tls: 465, none: 25 };

/** An empty form, or that of a channel. */
export function draftOf(kind: Kind, name: string, row?: ChannelRow): Draft {
  const mail = row && "mail" in row.kind ? row.kind.mail : undefined;
  return {
    kind,
    name: row?.name ?? name,
    secret: "",
    slack: row !== undefined && "webhook" in row.kind && row.kind.webhook.slack,
    host: mail?.host ?? "",
    port: mail?.port ?? ports.startTls ?? 0,
    security: mail?.security ?? "startTls",
    user: mail?.user ?? "",
    from: mail?.from ?? "",
    to: mail?.to ?? [],
    seconds: row && "command" in row.kind ? row.kind.command.seconds : 60,
    events: row && row.events.length > 0 ? row.events : needing,
    plans: row?.plans ?? [],
  };
}

function channelKind(draft: Draft): ChannelKind {
  switch (draft.kind) {
    case "webhook":
      return { webhook: { slack: draft.slack } };
    case "heartbeat":
      return { heartbeat: {} };
    case "mail": {
      const { host, port, security, user, from, to } = draft;
      return { mail: { host: host.trim(), port, security, user: user.trim() || null, from: from.trim(), to } };
    }
    case "command":
      return { command: { seconds: draft.seconds } };
  }
}

/** What the engine is asked for. `channel` is the one that changes. */
export function requestOf(draft: Draft, channel?: ChannelRow): ChannelSetRequest {
  return {
    ...(channel ? { channel: channel.id, enabled: channel.enabled } : {}),
    name: draft.name.trim(),
    kind: channelKind(draft),
    // A password may begin with a space; an address that was pasted must not.
    ...(draft.secret ? { secret: draft.kind === "mail" ? draft.secret : draft.secret.trim() } : {}),
    events: isEverything(draft.events) ? [] : draft.events,
    plans: draft.plans,
  };
}

/** The same channel, used or not. */
export function switched(row: ChannelRow, enabled: boolean): ChannelSetRequest {
  return { channel: row.id, name: row.name, kind: row.kind, events: row.events, plans: row.plans, enabled };
}

/** What is wrong with a form, by field. */
export interface Faults {
  url: boolean;
  from: boolean;
  to: boolean;
  events: boolean;
}

/** Looks for what the engine would refuse anyway. Fields still empty are not faults, but the form is not ready. */
export function faults(draft: Draft): Faults {
  const address = draft.kind === "webhook" || draft.kind === "heartbeat";
  return {
    url: address && draft.secret !== "" && !/^https?:\/\/\S/i.test(draft.secret.trim()),
    from: draft.kind === "mail" && draft.from !== "" && !draft.from.includes("@"),
    to: draft.kind === "mail" && draft.to.some((one) => !one.includes("@")),
    events: draft.kind !== "heartbeat" && draft.events.length === 0,
  };
}

/** Whether it can be saved. A channel that exists keeps the secret it has. */
export function isReady(draft: Draft, exists: boolean): boolean {
  const wrong = Object.values(faults(draft)).some(Boolean);
  const complete =
    draft.kind === "mail"
      ? draft.host.trim() !== "" && draft.from.trim() !== "" && draft.to.length > 0 && draft.port > 0
      : exists || draft.secret.trim() !== "";
  return draft.name.trim() !== "" && complete && !wrong;
}
