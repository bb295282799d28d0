/** One row of a big table, or its place while it is read. */
import { Checkbox } from "@mantine/core";
import { type MouseEvent, memo } from "react";
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
  template: string;
  height: number;
  top: number;
  onClick: (event: MouseEvent, index: number) => void;
  onTick: (index: number, wide: boolean) => void;
}

function BigRow<R>(props: RowProps<R>) {
  const { id, row, index, columns, name, ticked, current, active, template, height, top, onClick, onTick } = props;
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
      style={{ gridTemplateColumns: template, height, top }}
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
              <span className={css.place} />
            </>
          ) : (
            <div className={css.value}>{column.cell(row, index)}</div>
          )}
        </div>
      ))}
    </div>
  );
}

/** A row; keys act on the table, which has the focus. Rows that only moved out of the way are not drawn again. */
export const Row = memo(BigRow) as typeof BigRow;
