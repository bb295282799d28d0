/** The icon of a kind of source or of a place, on a small ground. A kind that has no icon of its own gets the plug. */
import {
  IconCloud,
  IconDatabase,
  IconDeviceUsb,
  IconFolder,
  IconPlugConnected,
  IconServer,
  IconSofa,
  type TablerIcon,
} from "@tabler/icons-react";
import css from "./SourceIcon.module.css";

const kinds: Record<string, TablerIcon> = { folder: IconFolder, sqlite: IconDatabase, couchdb: IconSofa };

/** Where a path leads to, as far as its form tells. */
export function placeOf(path: string): "cloud" | "usb" | "disk" {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path) && !path.startsWith("file:")) {
    return "cloud";
  }
  return /^\/(run\/)?media\/|^\/Volumes\//.test(path) ? "usb" : "disk";
}

const places: Record<ReturnType<typeof placeOf>, TablerIcon> = {
  cloud: IconCloud,
  usb: IconDeviceUsb,
  disk: IconServer,
};

function Ground({ icon: Icon, large, bare }: { icon: TablerIcon; large: boolean; bare: boolean }) {
  return (
    <span className={css.ground} data-large={large || undefined} data-bare={bare || undefined} aria-hidden>
      <Icon size={large ? "1.5rem" : "1rem"} stroke={1.6} />
    </span>
  );
}

/** Icon of a source by the kind of its connector. */
export function SourceIcon({ kind, large = false }: { kind: string; large?: boolean }) {
  return <Ground icon={kinds[kind] ?? IconPlugConnected} large={large} bare={false} />;
}

/** Icon of a vault by where it lies. */
export function VaultIcon({ path, large = false, bare = false }: { path: string; large?: boolean; bare?: boolean }) {
  return <Ground icon={places[placeOf(path)]} large={large} bare={bare} />;
}
