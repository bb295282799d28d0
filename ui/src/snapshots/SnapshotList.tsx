/** All points in time, newest first, by day. A long history is drawn piece by piece. */
import { Button } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { SnapshotRow } from "../api";
import { useTranslation } from "../i18n";
import { count, day } from "../i18n/format";
import { useShortcut } from "../shared/shortcuts";
import { useRowKeys } from "../shared/useRowKeys";
import { byDay } from "./days";
import css from "./SnapshotList.module.css";
import { SnapshotRowLine } from "./SnapshotRowLine";
import { useSeen } from "./useSeen";

/** Rows drawn at first, and added each time. */
const PIECE = 60;
/** Columns that are left in narrow windows. */
const NARROW = 3;
const columns = ["time", "source", "verdict", "what", "figures", "actions"];

/** Rows newest first, of which kind each source is, and how many newer ones are not shown. */
export interface SnapshotListProps {
  rows: SnapshotRow[];
  kinds: Map<string, string>;
  newer: number;
  onNewest: () => void;
}

function More({ left, onMore }: { left: number; onMore: () => void }) {
  const { t } = useTranslation();
  const end = useRef<HTMLDivElement>(null);
  const seen = useSeen(end);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    if (seen) {
      latest.current();
    }
  }, [seen]);
  return (
    <div ref={end} className={css.more}>
      <Button variant="subtle" onClick={onMore}>
        {t("snapshots:list.older", { count: left, n: count(left) })}
      </Button>
    </div>
  );
}

/** The list. */
export function SnapshotList({ rows, kinds, newer, onNewest }: SnapshotListProps) {
  const { t } = useTranslation();
  const table = useRowKeys();
  const [drawn, setDrawn] = useState(PIECE);
  const vaults = useMemo(() => new Set(rows.map((row) => row.vault)).size, [rows]);
  const days = useMemo(() => byDay(rows.slice(0, drawn)), [rows, drawn]);
  useShortcut("↑ ↓", t("snapshots:list.keys"), undefined, { group: "lists" });
  useShortcut("C", t("snapshots:keys.compare"), undefined, { group: "letters" });
  useShortcut("R", t("snapshots:keys.restore"), undefined, { group: "letters" });
  return (
    <>
      {newer > 0 && (
        <div className={css.newer}>
          <Button variant="subtle" onClick={onNewest}>
            {t("snapshots:list.newer", { count: newer, n: count(newer) })}
          </Button>
        </div>
      )}
      <div className="card">
        <table ref={table} className={css.table} aria-label={t("snapshots:list.label")} aria-rowcount={rows.length}>
          <colgroup>
            {columns.map((name) => (
              <col key={name} className={css[name]} />
            ))}
          </colgroup>
          <thead className={css.head}>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" className={css[name]}>
                  <span className="visually-hidden">{t(`snapshots:list.columns.${name}`)}</span>
                </th>
              ))}
            </tr>
          </thead>
          {days.map(({ date, rows: ofDay }) => (
            <tbody key={date.getTime()}>
              <tr className={css.day}>
                <th colSpan={NARROW} scope="rowgroup">
                  {day(date)}
                </th>
                <td colSpan={columns.length - NARROW} className={css.rest} />
              </tr>
              {ofDay.map((row) => (
                <SnapshotRowLine
                  key={`${row.vault}/${row.id}`}
                  row={row}
                  kind={kinds.get(row.source)}
                  showVault={vaults > 1}
                />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {drawn < rows.length && (
        <More key={drawn} left={rows.length - drawn} onMore={() => setDrawn((known) => known + PIECE)} />
      )}
    </>
  );
}
