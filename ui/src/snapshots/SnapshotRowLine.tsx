/** One snapshot in the list of all: when, of what, how it ended, what changed. Details are read when the row comes into sight. */
import { Button } from "@mantine/core";
import { type KeyboardEvent, useRef } from "react";
import { Link, useNavigate } from "react-router";
import { type ShowReply, type SnapshotRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, clock, count, exact } from "../i18n/format";
import { paths } from "../shared/paths";
import { SourceIcon } from "../shared/SourceIcon";
import { verdictStatus } from "../shared/StatusGlyph";
import { VerdictPill } from "../shared/VerdictPill";
import { ChangeFigures } from "./ChangeFigures";

import css from "./SnapshotList.module.css";
import { useSeen } from "./useSeen";

type T = ReturnType<typeof useTranslation>["t"];

/** What changed, in words: the collections, or what is in the snapshot where it holds only files. */
function whatChanged(t: T, row: SnapshotRow, shown: ShowReply | undefined): string {
  const meta = shown?.metadata;
  if (!meta) {
    return "";
  }
  const gaps = meta.gaps.length ? t("common:gaps", { count: meta.gaps.length, n: count(meta.gaps.length) }) : "";
  const touched = meta.collections.filter(({ changes }) => changes.added + changes.changed + changes.removed > 0);
  const names = touched.slice(0, 3).map((collection) => collection.name);
  if (touched.length > 3) {
    names.push(t("snapshots:list.moreCollections", { count: touched.length - 3, n: count(touched.length - 3) }));
  }
  if (!names.length && meta.collections.length && !row.stored) {
    names.push(t("snapshots:list.nothingChanged"));
  }
  if (!names.length && (meta.files || shown.collections.length)) {
    // Databases are saved as files: what is in them has no counts of its own here.
    const tables = shown.collections.length;
    const files = tables
      ? t("snapshots:list.collections", { count: tables, n: count(tables) })
      : t("snapshots:list.files", { count: meta.files, n: count(meta.files) });
    const stored = row.stored ? t("snapshots:list.stored", { size: bytes(row.stored) }) : "";
    names.push([files, stored].filter(Boolean).join(", "));
  }
  return [names.join(", "), gaps].filter(Boolean).join("; ");
}

function totals(shown: ShowReply | undefined) {
  const all = shown?.metadata?.collections ?? [];
  const sum = (name: "added" | "changed" | "removed") => all.reduce((total, one) => total + one.changes[name], 0);
  return all.length ? { added: sum("added"), changed: sum("changed"), removed: sum("removed") } : null;
}

/** One row. */
export function SnapshotRowLine({
  row,
  kind,
  showVault,
}: {
  row: SnapshotRow;
  kind: string | undefined;
  /** There are several vaults: say which. */
  showVault: boolean;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const line = useRef<HTMLTableRowElement>(null);
  const seen = useSeen(line);
  const at = { snapshot: row.id, vault: row.vault };
  const { data } = useCall("snapshot.show", at, { enabled: seen, silent: true });
  const browse = paths.browser(at);
  const restore = paths.restore({ snapshot: row.id, vault: row.vault });
  const counts = totals(data);
  const status = verdictStatus(row.verdict);
  const letters = (event: KeyboardEvent<HTMLTableRowElement>) => {
    const goals: Record<string, string> = { c: paths.compare({ a: row.id }), r: restore };
    const goal = event.ctrlKey || event.metaKey || event.altKey ? undefined : goals[event.key];
    if (goal) {
      event.preventDefault();
      navigate(goal);
    }
  };
  return (
    <tr
      ref={line}
      className={css.row}
      onKeyDown={letters}
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest("a, button")) {
          navigate(browse);
        }
      }}
    >
      <td className={css.time}>
        <time dateTime={row.time} title={exact(row.time)}>
          {clock(row.time)}
        </time>
      </td>
      <td className={css.source}>
        <span className={css.name}>
          <SourceIcon kind={kind ?? ""} />
          <Link data-row={row.id} to={browse} className={`${css.link} clip`} title={row.source}>
            {row.source}
            <span className="visually-hidden">, {exact(row.time)}</span>
          </Link>
          {showVault && <span className={`note clip ${css.vault}`}>{row.vault}</span>}
        </span>
      </td>
      <td className={css.verdict}>
        {row.verdict ? (
          <VerdictPill
            status={status}
            {...(row.verdict === "cancelled" ? { word: t("common:status.cancelled") } : {})}
            plain
          />
        ) : (
          <span className="quiet">{t("snapshots:list.foreign")}</span>
        )}
      </td>
      <td className={css.what}>
        <span className="clip" title={whatChanged(t, row, data)}>
          {whatChanged(t, row, data)}
        </span>
      </td>
      <td className={css.figures}>{counts && <ChangeFigures counts={counts} />}</td>
      <td className={css.actions}>
        <span>
          <Button component={Link} to={browse} size="compact-sm" tabIndex={-1}>
            {t("common:action.browse")}
          </Button>
          <Button component={Link} to={restore} size="compact-sm" tabIndex={-1}>
            {t("common:action.restore")}
          </Button>
        </span>
      </td>
    </tr>
  );
}
