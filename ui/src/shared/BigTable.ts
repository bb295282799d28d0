/** The table of up to ten million rows, in one place to import from. */
export { BigTable } from "./bigTable/BigTable";
export { allTicks, isTicked, noTicks, setTicks, type Ticks, tickCount } from "./bigTable/ticks";
export type { BigColumn, BigSort, BigTableProps } from "./bigTable/types";
export type { RowSource } from "./bigTable/usePages";
