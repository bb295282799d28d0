/** A table of up to ten million rows: only what is in sight is drawn and read. Focus stays on the table and names the active row. */
import { Button } from "@mantine/core";
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "../../i18n";
import { count } from "../../i18n/format";
import css from "./BigTable.module.css";
import { Head } from "./Head";
import { Row } from "./Row";
import { rowsAt } from "./scale";
import { isTicked, setTicks } from "./ticks";
import type { BigTableProps } from "./types";
import { usePages } from "./usePages";
import { useScroll } from "./useScroll";

const HEAD = 33;
const TICK = 40;

/** The rows a key leads to. */
function target(event: KeyboardEvent, active: number, total: number, page: number): number | undefined {
  const last = total - 1;
  const to = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: last,
  }[event.key];
  return to === undefined || event.altKey ? undefined : Math.max(0, Math.min(last, to));
}

/** The size of a rem against 16 px: row heights follow the zoom of texts. */
function useRem(): number {
  const [rem] = useState(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1);
  return rem;
}

/** See {@link BigTableProps}. The element around it must give it a height. */
export function BigTable<R>(props: BigTableProps<R>) {
  const {
    label,
    total,
    columns,
    rows,
    source,
    rowId,
    rowName = rowId,
    currentId,
    onOpen,
    onActive,
    ticks,
    onTicks,
    toRow,
  } = props;
  const { t } = useTranslation();
  const id = useId();
  const rem = useRem();
  const rowHeight = (props.rowHeight ?? 36) * rem;
  const box = useRef<HTMLDivElement>(null);
  const scroll = useScroll(box, total, rowHeight, HEAD * rem);
  const { first, last } = rowsAt(scroll.top, total, rowHeight, scroll.view);
  const pages = usePages(source, rows, first, last);
  const [active, setActive] = useState(0);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [widths, setWidths] = useState<Record<string, number>>({});

  const shown = Math.min(active, Math.max(0, total - 1));
  const { moveTo, reveal } = scroll;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other data begins at its top
  useEffect(() => {
    setActive(0);
    setAnchor(null);
    moveTo(0);
  }, [source]);
  useEffect(() => {
    if (toRow !== undefined) {
      setActive(toRow);
      reveal(toRow);
    }
  }, [toRow, reveal]);

  const go = (row: number) => {
    setActive(row);
    reveal(row);
    onActive?.(pages.row(row), row);
  };
  const tick = async (from: number, to: number, on: boolean) => {
    if (!ticks || !onTicks) {
      return;
    }
    const found = await pages.range(Math.min(from, to), Math.max(from, to));
    onTicks(setTicks(ticks, found.map(rowId), on));
  };
  const toggle = (row: number, wide: boolean) => {
    const one = pages.row(row);
    if (!ticks || one === undefined) {
      return;
    }
    void tick(wide && anchor !== null ? anchor : row, row, wide || !isTicked(ticks, rowId(one)));
    setAnchor(row);
  };
  const open = (row: number) => {
    const one = pages.row(row);
    if (one !== undefined) {
      onOpen?.(one, row);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || total === 0) {
      return;
    }
    const to = target(event, shown, total, Math.max(1, Math.floor(scroll.view / rowHeight) - 1));
    if (to !== undefined) {
      event.preventDefault();
      if (event.shiftKey && ticks) {
        void tick(shown, to, true);
        setAnchor(to);
      }
      go(to);
    } else if (event.key === "Enter" && onOpen) {
      event.preventDefault();
      open(shown);
    } else if (event.key === " ") {
      event.preventDefault();
      ticks ? toggle(shown, event.shiftKey) : open(shown);
    }
  };
  const onRowClick = (event: MouseEvent, row: number) => {
    if ((event.target as HTMLElement).closest("a, button, input, label")) {
      return;
    }
    box.current?.focus({ preventScroll: true });
    setActive(row);
    onActive?.(pages.row(row), row);
    if (event.shiftKey && ticks) {
      toggle(row, true);
    } else {
      open(row);
    }
  };

  // Stable for the rows, which are not drawn again for a new function.
  const latest = useRef({ onRowClick, toggle });
  latest.current = { onRowClick, toggle };
  const clicked = useCallback((event: MouseEvent, row: number) => latest.current.onRowClick(event, row), []);
  const ticking = useCallback((row: number, wide: boolean) => latest.current.toggle(row, wide), []);

  const grow = columns.some((column) => column.grow);
  const template = [
    ...(ticks ? [`${TICK / 16}rem`] : []),
    ...columns.map((column, at) => {
      const width = `${(widths[column.id] ?? column.width) / 16}rem`;
      const takes = grow ? column.grow && widths[column.id] === undefined : at === columns.length - 1;
      return takes ? `minmax(${width}, 1fr)` : width;
    }),
  ].join(" ");
  const middle = pages.row(Math.min(total - 1, Math.floor((scroll.top + 4) / rowHeight)));
  const row = count(Math.min(total, Math.floor((scroll.top + 4) / rowHeight) + 1));

  return (
    <div className={css.frame}>
      <div
        ref={box}
        className={css.box}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={total + 1}
        aria-colcount={columns.length + (ticks ? 1 : 0)}
        aria-multiselectable={ticks ? true : undefined}
        aria-activedescendant={total > 0 && shown >= first && shown < last ? `${id}-${shown}` : undefined}
        onKeyDown={onKeyDown}
      >
        <Head
          {...props}
          widths={widths}
          onWidth={(column, width) => setWidths((known) => ({ ...known, [column]: width }))}
          template={template}
        />
        <div role="rowgroup" className={css.body} style={{ height: scroll.scale.inner }}>
          {Array.from({ length: last - first }, (_, at) => {
            const index = first + at;
            const one = pages.row(index);
            const top = (scroll.scale.ratio === 1 ? scroll.top : scroll.shift) + (index * rowHeight - scroll.top);
            return (
              <Row
                key={index}
                id={`${id}-${index}`}
                row={one}
                index={index}
                columns={columns}
                name={one === undefined ? "" : rowName(one)}
                ticked={ticks && (one === undefined ? false : isTicked(ticks, rowId(one)))}
                current={one !== undefined && currentId !== undefined && rowId(one) === currentId}
                active={index === shown}
                template={template}
                height={rowHeight}
                top={top}
                onClick={clicked}
                onTick={ticking}
              />
            );
          })}
        </div>
      </div>
      {scroll.moving && total > 500 && (
        <div className={css.chip} aria-hidden>
          {middle === undefined
            ? t("common:table.positionBare", { row, total: count(total) })
            : t("common:table.position", { row, name: rowName(middle) })}
        </div>
      )}
      {pages.error && (
        <div className={css.failed} role="alert">
          <span>
            {t("common:table.failed")} {pages.error.message}
          </span>
          <Button size="compact-sm" onClick={pages.retry}>
            {t("common:action.retry")}
          </Button>
        </div>
      )}
    </div>
  );
}
