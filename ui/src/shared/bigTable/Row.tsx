/** One row of a big table, or its place while it is read. */
import { Checkbox, Skeleton } from "@mantine/core";
import type { CSSProperties, MouseEvent } from "react";
import { useTranslation } from "../../i18n";
import { count } from "../../i18n/format";
import css from "./BigTable.module.css";
import type { BigColumn } from "./types";

/** What a row is drawn from. */
export interface RowProps<R> {
  id: string;
  /** Absent while it is read. */
  row: R | undefined;
  index: number;
  columns: BigColumn<R>[];
  name: string;
  /** Absent in tables without tick boxes. */
  ticked: boolean | undefined;
  /** It is open elsewhere. */
  current: boolean;
  /** The keyboard is on it. */
  active: boolean;
  style: CSSProperties;
  onClick: (event: MouseEvent, index: number) => void;
  onTick: (index: number, wide: boolean) => void;
}

/** A row; keys act on the table, which has the focus. */
export function Row<R>({
  id,
  row,
  index,
  columns,
  name,
  ticked,
  current,
  active,
  style,
  onClick,
  onTick,
}: RowProps<R>) {
  const { t } = useTranslation();
  const loading = row === undefined;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys act on the table, which has the focus
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={ticked}
      aria-current={current || undefined}
      aria-busy={loading || undefined}
      className={css.row}
      data-active={active || undefined}
      style={style}
      onClick={(event) => onClick(event, index)}
    >
      {ticked !== undefined && (
        <div role="gridcell" className={css.tick}>
          {!loading && (
            <Checkbox
              tabIndex={-1}
              checked={ticked}
              aria-label={t("common:table.selectRow", { name })}
              onChange={() => {}}
              onClick={(event) => onTick(index, event.shiftKey)}
            />
          )}
        </div>
      )}
      {columns.map((column, at) => (
        <div key={column.id} role="gridcell" className={css.cell} data-align={column.align}>
          {loading ? (
            <>
              {at === 0 && (
                <span className="visually-hidden">{t("common:table.loadingRow", { row: count(index + 1) })}</span>
              )}
              <Skeleton height="0.625rem" width="70%" animate={false} />
            </>
          ) : (
            <div className={css.value}>{column.cell(row, index)}</div>
          )}
        </div>
      ))}
    </div>
  );
}
