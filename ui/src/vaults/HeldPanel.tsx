/** How much a vault holds, and of which source; and who holds it locked. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { call, type UnlockReply, useCall, useRefresh, type VaultInfoReply } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { Note } from "../shared/Note";
import css from "./panels.module.css";

/** Colours of the chart: none of them means a state. */
const colors = [
  "var(--mantine-color-marine-6)",
  "var(--mantine-color-marine-4)",
  "#2F8077",
  "#6FB39B",
  "#8A63B5",
  "#74808B",
];

/** Bytes stored by source, the largest first; small ones together. */
export function bySource(rows: { source: string; stored?: number | null }[]): { name: string; stored: number }[] {
  const sums = new Map<string, number>();
  for (const { source, stored } of rows) {
    sums.set(source, (sums.get(source) ?? 0) + (stored ?? 0));
  }
  const sorted = [...sums]
    .map(([name, stored]) => ({ name, stored }))
    .filter((one) => one.stored > 0)
    .sort((one, other) => other.stored - one.stored);
  if (sorted.length <= colors.length) {
    return sorted;
  }
  const rest = sorted.slice(colors.length - 1).reduce((sum, one) => sum + one.stored, 0);
  return [...sorted.slice(0, colors.length - 1), { name: "", stored: rest }];
}

/** Size, backups and sources. */
export function HeldPanel({ info }: { info: VaultInfoReply }) {
  const { t } = useTranslation();
  const list = useCall("snapshot.list", { vault: info.vault.name, all: true }, { silent: true });
  const parts = bySource(list.data?.snapshots ?? []);
  const sources = new Set(list.data?.snapshots.map((snapshot) => snapshot.source)).size;
  return (
    <section className={`card ${css.panel}`} aria-label={t("vaults:held.title")}>
      <div className={css.padded}>
        <div>
          <span className={css.big}>{bytes(info.bytes)}</span>{" "}
          <span className="quiet">
            {t("vaults:held.line", { count: info.snapshots, n: count(info.snapshots) })}
            {sources > 0 && ` ${t("vaults:held.of", { count: sources, n: count(sources) })}`}
          </span>
        </div>
        {parts.length > 0 && (
          <>
            <div className={css.bar} aria-hidden>
              {parts.map((part, index) => (
                <span key={part.name} style={{ flexGrow: part.stored, background: colors[index] }} />
              ))}
            </div>
            <ul className={css.legend} aria-label={t("vaults:held.legend")}>
              {parts.map((part, index) => (
                <li key={part.name}>
                  <span className={css.square} style={{ background: colors[index] }} aria-hidden />
                  {part.name || t("vaults:held.others")} <span className="quiet">{bytes(part.stored)}</span>
                </li>
              ))}
            </ul>
          </>
        )}
        {info.problems.length > 0 && (
          <Note status="partial" title={t("vaults:held.problems")}>
            {info.problems.join(" ")}
          </Note>
        )}
      </div>
    </section>
  );
}

/** Locks in words; those whose owner is gone can be taken away. */
export function LocksNote({ info }: { info: VaultInfoReply }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState<UnlockReply | null>(null);
  const { name } = info.vault;
  if (info.locks.length === 0 && !told) {
    return null;
  }
  return (
    <Note
      status="paused"
      title={t("vaults:locks.title", { count: info.locks.length, n: count(info.locks.length) })}
      actions={
        info.locks.length > 0 && (
          <Button size="compact-sm" onClick={() => setAsking(true)}>
            {t("vaults:locks.unlock")}
          </Button>
        )
      }
    >
      {info.locks.map((lock) => (
        <div key={lock}>{lock}</div>
      ))}
      <div className="quiet">{t("vaults:locks.waits")}</div>
      {told && (
        <div role="status">
          {told.removed.length > 0 &&
            t("vaults:locks.removed", { count: told.removed.length, n: count(told.removed.length) })}{" "}
          {told.kept.length > 0 && t("vaults:locks.kept", { locks: told.kept.join("; ") })}
        </div>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("vaults:locks.askTitle", { name })}
        confirmLabel={t("vaults:locks.askYes")}
        cancelLabel={t("vaults:locks.askNo")}
        onConfirm={async () => {
          setTold(await call("vault.unlock", { name }));
          await refresh(["vaults"]);
        }}
      >
        {t("vaults:locks.askText")}
      </ConfirmDialog>
    </Note>
  );
}
