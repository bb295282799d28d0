/** The head of a big table: names, order, widths. */
import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { KeyboardEvent, PointerEvent } from "react";
import { useTranslation } from "../../i18n";
import css from "./BigTable.module.css";
import { allTicks, noTicks, tickCount } from "./ticks";
import type { BigColumn, BigTableProps } from "./types";

const LEAST = 48;
const STEP = 16;

interface HeadProps<R> extends Pick<BigTableProps<R>, "columns" | "total" | "ticks" | "onTicks" | "sort" | "onSort"> {
  widths: Record<string, number>;
  onWidth: (column: string, width: number) => void;
  template: string;
}

function Resizer<R>({
  column,
  width,
  onWidth,
}: {
  column: BigColumn<R>;
  width: number;
  onWidth: (width: number) => void;
}) {
  const { t } = useTranslation();
  const drag = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
    const start = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => onWidth(Math.max(LEAST, width + (moved.clientX - start) / rem));
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      onWidth(Math.max(LEAST, width + step));
    }
  };
  return (
    <span
      className={css.resizer}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("common:table.resize", { name: column.header })}
      aria-valuenow={Math.round(width)}
      aria-valuemin={LEAST}
      aria-valuemax={2000}
      onPointerDown={drag}
      onKeyDown={keys}
    />
  );
}

/** The first row of a big table. */
export function Head<R>({ columns, total, ticks, onTicks, sort, onSort, widths, onWidth, template }: HeadProps<R>) {
  const { t } = useTranslation();
  const ticked = ticks ? tickCount(ticks, total) : 0;
  return (
    <div role="rowgroup" className={css.head}>
      <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
        {ticks && (
          <div role="columnheader" className={css.tick}>
            <Checkbox
              aria-label={t("common:table.selectAll")}
              checked={total > 0 && ticked === total}
              indeterminate={ticked > 0 && ticked < total}
              onChange={() => onTicks?.(ticked === total ? noTicks : allTicks)}
            />
          </div>
        )}
        {columns.map((column) => {
          const sorted = sort?.column === column.id ? (sort.descending ? "descending" : "ascending") : undefined;
          const Arrow = sorted === "descending" ? IconArrowDown : IconArrowUp;
          return (
            <div
              key={column.id}
              role="columnheader"
              className={css.headCell}
              data-align={column.align}
              {...(column.sortable ? { "aria-sort": sorted ?? ("none" as const) } : {})}
            >
              {column.sortable && onSort ? (
                <button
                  type="button"
                  className={css.sorter}
                  onClick={() => onSort(column.id)}
                  title={t("common:table.sortBy", { name: column.header })}
                >
                  <span className="clip">{column.head ?? column.header}</span>
                  {sorted && <Arrow size="0.875rem" aria-hidden />}
                </button>
              ) : (
                <span className="clip">{column.head ?? column.header}</span>
              )}
              <Resizer
                column={column}
                width={widths[column.id] ?? column.width}
                onWidth={(width) => onWidth(column.id, width)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
