/**
 * A table of small cells to walk with the arrow keys: the calendar of what stays and the map of how moments went. One cell has the
 * focus; moving the focus chooses.
 */
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import css from "./CellGrid.module.css";

/** One cell. */
export interface Cell {
  id: string;
  /** How it looks, as `data-kind`. */
  kind: string;
  /** What it says: read aloud, and shown on hover. */
  label: string;
  /** A sign in it. */
  mark?: ReactNode;
}

/** A row of cells; `null` leaves a place free. */
export interface CellRow {
  id: string;
  label: string;
  strong?: boolean;
  cells: (Cell | null)[];
}

/** The table. */
export interface CellGridProps {
  label: string;
  rows: CellRow[];
  /** Beneath or above the columns; empty ones are left out. */
  columns: string[];
  columnsBelow?: boolean;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  small?: boolean;
}

/** Where the focus goes from a place, over free places. */
function step(rows: CellRow[], row: number, column: number, key: string): [number, number] | undefined {
  const moves: Record<string, [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  if (key === "Home" || key === "End") {
    const cells = rows[row]?.cells ?? [];
    const at = key === "Home" ? cells.findIndex(Boolean) : cells.findLastIndex(Boolean);
    return [row, at];
  }
  const move = moves[key];
  if (!move) {
    return undefined;
  }
  let [down, right] = [row + move[0], column + move[1]];
  while (rows[down] && right >= 0 && right < (rows[down]?.cells.length ?? 0)) {
    if (rows[down]?.cells[right]) {
      return [down, right];
    }
    down += move[0];
    right += move[1];
  }
  return [row, column];
}

/** The drawing. */
export function CellGrid({
  label,
  rows,
  columns,
  columnsBelow = false,
  chosen,
  onChoose,
  small = false,
}: CellGridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const width = columns.length;
  const ids = rows.flatMap((row) => row.cells.map((cell) => cell?.id));
  // Without a chosen cell the newest one takes the focus.
  const entry = chosen !== undefined && ids.includes(chosen) ? chosen : ids.findLast((id) => id !== undefined);
  const onKeyDown = (event: KeyboardEvent, row: number, column: number) => {
    const next = event.ctrlKey || event.altKey || event.metaKey ? undefined : step(rows, row, column, event.key);
    const cell = next && rows[next[0]]?.cells[next[1]];
    if (cell) {
      event.preventDefault();
      onChoose(cell.id);
      grid.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell.id)}"]`)?.focus();
    }
  };
  const heads = (
    <div className={css.columns} role="row" aria-hidden>
      <span />
      {columns.map((name, index) => (
        <span key={index} className={css.column}>
          {name && <span>{name}</span>}
        </span>
      ))}
    </div>
  );
  return (
    <div className={css.scroll}>
      <div
        ref={grid}
        role="grid"
        aria-label={label}
        className={css.grid}
        data-small={small || undefined}
        style={{ "--columns": width } as React.CSSProperties}
      >
        {!columnsBelow && heads}
        {rows.map((row, down) => (
          <div key={row.id} role="row" className={css.row} aria-label={row.label}>
            <span role="rowheader" className={css.rowName} data-strong={row.strong || undefined}>
              {row.label}
            </span>
            {row.cells.map((cell, right) =>
              cell ? (
                <span
                  key={cell.id}
                  role="gridcell"
                  data-cell={cell.id}
                  data-kind={cell.kind}
                  className={css.cell}
                  aria-label={cell.label}
                  aria-selected={cell.id === chosen}
                  title={cell.label}
                  tabIndex={cell.id === entry ? 0 : -1}
                  onClick={() => onChoose(cell.id)}
                  onKeyDown={(event) => onKeyDown(event, down, right)}
                >
                  {cell.mark}
                </span>
              ) : (
                <span key={right} role="gridcell" className={css.free} />
              ),
            )}
          </div>
        ))}
        {columnsBelow && heads}
      </div>
    </div>
  );
}
