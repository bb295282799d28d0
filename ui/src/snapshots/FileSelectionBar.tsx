/** Ticked files and folders, and what can be done with them. */
import type { SnapshotRef } from "../api";
import { call, type Row } from "../api";
import type { Ticks } from "../shared/BigTable";
import { FILES } from "./place";
import { SelectionBar } from "./SelectionBar";

/** Ticks of a folder. */
export interface FileSelectionBarProps {
  at: SnapshotRef;
  folder: string;
  ticks: Ticks;
  total: number;
  onClear: () => void;
  onRestore: (items: string[]) => void;
  onExport: ((items: string[]) => void) | undefined;
}

/** The bar of a table of records, with paths for ids. */
export function FileSelectionBar({ at, folder, ...rest }: FileSelectionBarProps) {
  const rows = async (offset: number, limit: number): Promise<Row[]> => {
    const { entries } = await call("browse.folder", { at, path: folder, offset, limit });
    return entries.map(({ path }) => ({ id: path, values: {}, assets: 0 }));
  };
  // Everything of the top folder is all files; everything of another folder is that folder.
  const whole = folder === "" ? FILES : `${FILES}/${folder}`;
  const named = (items: string[]) =>
    items.map((item) => (item === whole ? item : `${FILES}/${item.slice(whole.length + 1)}`));
  return (
    <SelectionBar
      {...rest}
      collection={whole}
      whole
      rows={rows}
      onRestore={(items) => rest.onRestore(named(items))}
      onExport={rest.onExport && ((items) => rest.onExport?.(named(items)))}
    />
  );
}
