/** The entries of the audit trail, newest first. The whole trail can be scrolled; a choice shows only the entries that fit. */
import { useMemo } from "react";
import type { AuditRow } from "../api";
import { useTranslation } from "../i18n";
import { clockSeconds, count, exact, moment, sameDay } from "../i18n/format";
import { type BigColumn, BigTable } from "../shared/BigTable";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty } from "../shared/ListStates";
import { StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import css from "./audit.module.css";
import { type AuditChoice, isChosen } from "./auditFilter";
import { newestFirst, useAuditFinds } from "./useAudit";
import { useDid } from "./useDid";

/** `9c1e…04` */
export function fingerprint(hash: string): string {
  return `${hash.slice(0, 4)}…${hash.slice(-2)}`;
}

function useColumns(brokenAt: number | undefined): BigColumn<AuditRow>[] {
  const { t } = useTranslation();
  const now = useNow();
  const did = useDid();
  return useMemo(
    () => [
      {
        id: "when",
        header: t("activity:audit.when"),
        width: 160,
        cell: (row) => (
          <span className={css.when} data-broken={row.seq === brokenAt || undefined}>
            {row.seq === brokenAt && <StatusGlyph status="failed" label={t("activity:audit.firstBad")} />}
            <time dateTime={row.time} title={exact(row.time)}>
              {sameDay(row.time, now) ? clockSeconds(row.time) : moment(row.time, now)}
            </time>
          </span>
        ),
      },
      { id: "who", header: t("activity:audit.who"), width: 110, cell: (row) => row.actor },
      {
        id: "did",
        header: t("activity:audit.did"),
        width: 180,
        cell: (row) => <span className="strong clip">{did(row)}</span>,
      },
      {
        id: "object",
        header: t("activity:audit.object"),
        width: 205,
        grow: true,
        cell: (row) => (
          <span className="clip" title={row.object}>
            {row.object}
          </span>
        ),
      },
      {
        id: "through",
        header: t("activity:audit.through"),
        width: 165,
        cell: (row) => <span className="quiet clip">{row.program}</span>,
      },
      {
        id: "hash",
        header: t("activity:audit.fingerprint"),
        width: 100,
        cell: (row) => (
          <span className="mono quiet" title={row.hash}>
            {fingerprint(row.hash)}
          </span>
        ),
      },
    ],
    [t, now, did, brokenAt],
  );
}

/** What the table needs. */
export interface AuditTableProps {
  total: number;
  choice: AuditChoice;
  current: AuditRow | null;
  onOpen: (row: AuditRow) => void;
  /** Number of the first bad entry. */
  brokenAt: number | undefined;
  /** Brings this row into sight when it changes. */
  toRow: number | undefined;
}

/** The table. */
export function AuditTable({ total, choice, current, onOpen, brokenAt, toRow }: AuditTableProps) {
  const { t } = useTranslation();
  const did = useDid();
  const columns = useColumns(brokenAt);
  const finds = useAuditFinds(choice, total, did);
  const filtered = isChosen(choice);
  const shared = {
    label: t("activity:tab.audit"),
    columns,
    rowId: (row: AuditRow) => String(row.seq),
    rowName: (row: AuditRow) => t("activity:audit.entry", { n: count(row.seq) }),
    currentId: current ? String(current.seq) : undefined,
    onOpen,
  };
  if (filtered && finds.error) {
    return <ErrorNote error={finds.error} />;
  }
  if (filtered && finds.done && finds.rows.length === 0) {
    return (
      <Empty title={t("activity:audit.nothing")}>
        {t("activity:audit.searchedAll", { count: total, n: count(total) })}
      </Empty>
    );
  }
  return (
    <>
      {filtered && (
        <p className="note" role="status">
          {finds.more
            ? t("activity:audit.tooMany", { n: count(finds.rows.length) })
            : t(finds.done ? "activity:audit.found" : "activity:audit.looking", {
                count: finds.rows.length,
                n: count(finds.rows.length),
                searched: count(finds.searched),
                total: count(total),
              })}
        </p>
      )}
      <div className={`card ${css.table}`}>
        {filtered ? (
          <BigTable
            {...shared}
            total={finds.rows.length}
            source={`${JSON.stringify(choice)} ${finds.rows.length}`}
            rows={async (offset, limit) => finds.rows.slice(offset, offset + limit)}
          />
        ) : (
          <BigTable
            {...shared}
            total={total}
            source={`all ${total}`}
            toRow={toRow}
            rows={(offset, limit) => newestFirst(total, offset, Math.min(limit, total - offset))}
          />
        )}
      </div>
    </>
  );
}
