/** The list of all shortcuts that work right now. Opened with `?`. */
import { Modal, Table } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useTranslation } from "../i18n";
import { type ShortcutGroup, useShortcuts } from "../shared/shortcuts";
import { useAppearance } from "../theme/appearance";
import css from "./ShortcutsDialog.module.css";

let opened = false;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  opened = next;
  for (const listener of listeners) {
    listener();
  }
}

/** Shows the list. */
export function openShortcuts(): void {
  set(true);
}

const groups: ShortcutGroup[] = ["page", "letters", "lists", "global"];

/** The dialog; nothing while it is closed. */
export function ShortcutsDialog() {
  const { t } = useTranslation();
  const open = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => opened,
  );
  const shortcuts = useShortcuts();
  const { singleKeys } = useAppearance();
  return (
    <Modal
      opened={open}
      onClose={() => set(false)}
      title={t("shell:keys.title")}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {groups.map((group) => {
        const rows = shortcuts.filter((shortcut) => shortcut.group === group);
        const shown = rows.filter((row, at) => rows.findIndex((other) => other.keys === row.keys) === at);
        if (shown.length === 0) {
          return null;
        }
        const title =
          group === "global" ? "global" : group === "page" ? "page" : group === "lists" ? "lists" : "letters";
        return (
          <section key={group} className={css.group}>
            <h4>{t(`shell:keys.${title}`)}</h4>
            <Table aria-label={t(`shell:keys.${title}`)}>
              <Table.Tbody>
                {shown.map((shortcut) => (
                  <Table.Tr key={shortcut.keys}>
                    <Table.Td className={css.keys}>
                      <kbd>{shortcut.keys}</kbd>
                    </Table.Td>
                    <Table.Td>{shortcut.label}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
        );
      })}
      <p className="note">{t(singleKeys ? "shell:keys.single" : "shell:keys.singleOff")}</p>
    </Modal>
  );
}
