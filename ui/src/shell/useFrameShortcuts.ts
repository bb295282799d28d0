/** The shortcuts that work on every page. */
import { spotlight } from "@mantine/spotlight";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { call, startJob } from "../api";
import { useTranslation } from "../i18n";
import { paths } from "../shared/paths";
import { press, useShortcut } from "../shared/shortcuts";
import { openShortcuts } from "./ShortcutsDialog";

/** Regions in the order of F6. */
function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  if (regions.length === 0) {
    return;
  }
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + step + regions.length) % regions.length];
  next?.focus();
}

const places = [
  ["overview", paths.overview()],
  ["sources", paths.sources()],
  ["snapshots", paths.snapshots()],
  ["plans", paths.plans()],
  ["vaults", paths.vaults()],
  ["activity", paths.activity()],
  ["settings", paths.settings()],
] as const;

/** Backs everything up and shows it. */
export async function backUpAll(): Promise<void> {
  await startJob("backup", { sources: [], all: true, vaults: [], tags: [] });
}

/** Listens to the keyboard and registers what works everywhere. */
export function useFrameShortcuts(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const all = { group: "global" } as const;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => void press(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  useShortcut("Ctrl K", t("shell:keys.search"), () => spotlight.open(), all);
  useShortcut("Ctrl N", t("shell:keys.addSource"), () => void navigate(paths.addSource()), all);
  useShortcut("Ctrl Shift B", t("shell:keys.backUpAll"), () => void backUpAll().catch(() => undefined), all);
  useShortcut(
    "Ctrl L",
    t("shell:keys.lock"),
    () => void call("lock.close", {}, { silent: true }).catch(() => undefined),
    all,
  );
  useShortcut("Ctrl ,", t("shell:nav.settings"), () => void navigate(paths.settings()), all);
  useShortcut("F6", t("shell:keys.region"), () => moveRegion(1), all);
  useShortcut("Shift F6", t("shell:keys.regionBack"), () => moveRegion(-1), all);
  useShortcut("?", t("shell:keys.help"), () => openShortcuts(), all);
  usePlace(0);
  usePlace(1);
  usePlace(2);
  usePlace(3);
  usePlace(4);
  usePlace(5);
  usePlace(6);
  const lists = { group: "lists" } as const;
  useShortcut("↑ ↓ Home End PgUp PgDn", t("shell:keys.rows"), undefined, lists);
  useShortcut("Enter, Space, Esc", t("shell:keys.rowActions"), undefined, lists);
}

function usePlace(index: number): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, to] = places[index] ?? places[0];
  useShortcut(`Ctrl ${index + 1}`, t("shell:keys.goTo", { place: t(`shell:nav.${name}`) }), () => void navigate(to), {
    group: "global",
  });
}
