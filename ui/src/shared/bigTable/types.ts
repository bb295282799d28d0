/** What a big table is made of. */
import type { ReactNode } from "react";
import type { Ticks } from "./ticks";
import type { RowSource } from "./usePages";

/** A column. */
export interface BigColumn<R> {
  id: string;
  header: string;
  /** Width at the start, in px at 100 %. */
  width: number;
  /** Takes the width that is left; usually the first column. */
  grow?: boolean;
  /** Numbers stand at the right. */
  align?: "right";
  /** May be sorted by. */
  sortable?: boolean;
  /** Read aloud and shown instead of the plain header (a glyph, a count). */
  head?: ReactNode;
  cell: (row: R, index: number) => ReactNode;
}

/** The order of a table. */
export interface BigSort {
  column: string;
  descending: boolean;
}

/** A table of up to ten million rows. */
export interface BigTableProps<R> {
  /** What the table is, for screen readers. */
  label: string;
  total: number;
  columns: BigColumn<R>[];
  /** Reads rows. May change with every drawing; `source` says whether the data is other data. */
  rows: RowSource<R>;
  /** Names the data. Another name: caches are emptied and the list begins at its top. */
  source: string;
  rowId: (row: R) => string;
  /** What people call a row: for the position chip and tick boxes. The id by default. */
  rowName?: (row: R) => string;
  /** In px at 100 %; 36 by default. */
  rowHeight?: number;
  /** The row that is open elsewhere (in a panel). */
  currentId?: string | undefined;
  /** Enter or a click on a row. */
  onOpen?: (row: R, index: number) => void;
  /** The focus moved to another row. */
  onActive?: (row: R | undefined, index: number) => void;
  ticks?: Ticks;
  onTicks?: (ticks: Ticks) => void;
  sort?: BigSort | null;
  /** A head was pressed. */
  onSort?: (column: string) => void;
  /** Brings this row into sight and makes it the active one, when the number changes. */
  toRow?: number | undefined;
}
