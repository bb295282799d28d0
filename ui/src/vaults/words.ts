/** How a vault is, in a state and a word. */
import type { KitState, VaultHealth } from "../api/generated";
import type { Status } from "../shared/StatusGlyph";

/** State of a vault: damage wins over everything else. */
export function vaultStatus(vault: VaultHealth): { status: Status; key: string } {
  if (vault.checked?.verdict === "failed" && vault.checked.reason?.[0] === "damaged") {
    return { status: "failed", key: "damaged" };
  }
  if (!vault.reachable) {
    return { status: "paused", key: "unreachable" };
  }
  if (vault.problem && vault.problem.code !== "auth") {
    return { status: "failed", key: "problem" };
  }
  return vault.open ? { status: "complete", key: "fine" } : { status: "paused", key: "closed" };
}

/** State of a recovery kit. */
export function kitStatus(kit: KitState): { status: Status; key: "none" | "outdated" | "untested" | "tested" } {
  if (!kit.made) {
    return { status: "failed", key: "none" };
  }
  if (kit.outdated) {
    return { status: "partial", key: "outdated" };
  }
  return kit.confirmed ? { status: "complete", key: "tested" } : { status: "partial", key: "untested" };
}

/** What a path on this computer hangs on, as far as its form tells: the mount of a removable disk or the system's own disk. */
export function mountOf(path: string): string {
  const drive = /^([a-z]):[\\/]/i.exec(path)?.[1];
  if (drive) {
    return drive.toLowerCase();
  }
  return /^(\/run\/media\/[^/]+\/[^/]+|\/media\/[^/]+\/[^/]+|\/(?:mnt|Volumes)\/[^/]+)/.exec(path)?.[1] ?? "/";
}

/** Whether `inner` is `outer` or lies below it. */
export function liesIn(inner: string, outer: string): boolean {
  const trim = (path: string) => path.replace(/[/\\]+$/, "");
  return outer !== "" && (trim(inner) === trim(outer) || inner.startsWith(`${trim(outer)}/`));
}

/** Names of the disks two paths lie on, as the engine tells; where it does not, the form of the paths must do. */
export interface Disks {
  path?: string | null | undefined;
  protects?: string | null | undefined;
}

/** What has to be said about a place for a vault, before it is made: worst first. */
export function placeWarning(path: string, protects: string, disks: Disks = {}): "inside" | "sameDisk" | undefined {
  if (!path || !protects || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    return undefined;
  }
  if (liesIn(path, protects)) {
    return "inside";
  }
  const same = disks.path && disks.protects ? disks.path === disks.protects : mountOf(path) === mountOf(protects);
  return same ? "sameDisk" : undefined;
}
