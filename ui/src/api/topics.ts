/** Which topics the reply of a command belongs to: when the engine says a topic is stale, these queries are read again. */
import type { Commands, Topic } from "./generated";

const byPrefix: Record<string, Topic[]> = {
  source: ["sources", "runs"],
  vault: ["vaults"],
  kit: ["vaults"],
  snapshot: ["snapshots"],
  browse: ["snapshots"],
  record: ["snapshots"],
  listing: ["snapshots"],
  file: ["snapshots"],
  bundle: ["snapshots"],
  restore: ["runs"],
  cache: ["settings"],
  about: ["settings"],
  search: ["snapshots"],
  diff: ["snapshots"],
  run: ["runs"],
  plan: ["plans"],
  hold: ["holds"],
  drill: ["runs"],
  channel: ["channels"],
  alert: ["channels"],
  agent: ["plans"],
  figures: ["sources", "runs", "plans", "holds"],
  audit: ["audit"],
  settings: ["settings"],
  lock: ["lock"],
  overview: ["sources", "vaults", "runs", "snapshots"],
  sample: ["sources"],
};

/** The topics of a command's reply, unless a caller says otherwise. */
export function topicsOf(name: keyof Commands): Topic[] {
  const prefix = name.split(".")[0] ?? name;
  return byPrefix[prefix] ?? [];
}
