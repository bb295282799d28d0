/** Addresses of pages, so that names with odd characters are encoded in one place. */
import type { SnapshotRef } from "../api/generated";

const e = encodeURIComponent;

function query(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "",
  );
  return given.length ? `?${given.map(([name, value]) => `${name}=${e(value)}`).join("&")}` : "";
}

/** Every address of the window. */
export const paths = {
  overview: () => "/",
  welcome: () => "/welcome",
  sources: () => "/sources",
  addSource: (values: { kind?: string; path?: string } = {}) => `/sources/add${query(values)}`,
  source: (name: string, tab?: string) => `/sources/${e(name)}${query({ tab })}`,
  /** The list of what a guard saw go. */
  review: (source: string, hold: string) => `/sources/${e(source)}${query({ review: hold })}`,
  /** The question whether that was intended. */
  answer: (source: string, hold: string) => `/sources/${e(source)}${query({ answer: hold })}`,
  figures: () => "/figures",
  snapshots: () => "/snapshots",
  /** The browser. `vault` of live sources and bundles is `-`. */
  browser: (at: SnapshotRef, values: { c?: string; r?: string } = {}) =>
    `/snapshots/${e(at.vault ?? "-")}/${e(at.snapshot)}${query(values)}`,
  search: (q?: string) => `/search${query({ q })}`,
  compare: (values: { a?: string; b?: string; c?: string } = {}) => `/compare${query(values)}`,
  compareRecord: (values: { source: string; c: string; r: string; a?: string }) => `/compare/record${query(values)}`,
  restore: (values: { snapshot?: string; vault?: string; source?: string; only?: string } = {}) =>
    `/restore${query(values)}`,
  restoreJob: (job: string) => `/restore/job/${e(job)}`,
  bundle: (path: string) => `/bundle${query({ path })}`,
  open: (files: string[]) => `/open${query({ paths: JSON.stringify(files) })}`,
  plans: () => "/plans",
  addPlan: () => "/plans/add",
  plan: (name: string, tab?: string) => `/plans/${e(name)}${query({ tab })}`,
  vaults: () => "/vaults",
  addVault: () => "/vaults/add",
  vault: (name: string) => `/vaults/${e(name)}`,
  activity: () => "/activity",
  run: (id: string) => `/activity/runs/${e(id)}`,
  audit: () => "/activity/audit",
  settings: (section = "general") => `/settings/${section}`,
};
