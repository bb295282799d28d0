/** The files of a place, one folder at a time. */
import { Breadcrumbs, UnstyledButton } from "@mantine/core";
import { IconFile, IconFolder, IconLink } from "@tabler/icons-react";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { call, type FolderEntry, type SnapshotRef, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count, exact, moment } from "../i18n/format";
import { type BigColumn, BigTable, noTicks, type Ticks } from "../shared/BigTable";
import { Empty, ListStates } from "../shared/ListStates";
import { FileSelectionBar } from "./FileSelectionBar";
import css from "./FilesTable.module.css";
import table from "./RecordsTable.module.css";

/** Files to show. */
export interface FilesTableProps {
  at: SnapshotRef;
  /** Folder that is open; empty: the top. */
  folder: string;
  onFolder: (path: string) => void;
  /** File that is open. */
  current: string | undefined;
  onOpen: (path: string) => void;
  lead?: ReactNode;
  onRestore: (items: string[]) => void;
  onExport: ((items: string[]) => void) | undefined;
}

function Icon({ entry }: { entry: FolderEntry }) {
  const Shape = entry.kind === "directory" ? IconFolder : typeof entry.kind === "object" ? IconLink : IconFile;
  return <Shape size="1rem" stroke={1.6} aria-hidden />;
}

/** The way to a folder, every step of it a button. */
function Way({ folder, onFolder }: Pick<FilesTableProps, "folder" | "onFolder">) {
  const { t } = useTranslation();
  const parts = folder.split("/").filter(Boolean);
  return (
    <Breadcrumbs separator="›" separatorMargin="0.375rem" className={css.way}>
      <UnstyledButton
        className={css.step}
        aria-current={parts.length === 0 ? "page" : undefined}
        onClick={() => onFolder("")}
      >
        {t("snapshots:browser.files")}
      </UnstyledButton>
      {parts.map((part, at) => {
        const path = parts.slice(0, at + 1).join("/");
        return (
          <UnstyledButton
            key={path}
            className={css.step}
            aria-current={at === parts.length - 1 ? "page" : undefined}
            title={part}
            onClick={() => onFolder(path)}
          >
            {part}
          </UnstyledButton>
        );
      })}
    </Breadcrumbs>
  );
}

/** The table of one folder. */
export function FilesTable({ at, folder, onFolder, current, onOpen, lead, onRestore, onExport }: FilesTableProps) {
  const { t } = useTranslation();
  const [ticks, setTicks] = useState<Ticks>(noTicks);
  const first = useCall("browse.folder", { at, path: folder, limit: 1 }, { topics: [] });
  // biome-ignore lint/correctness/useExhaustiveDependencies: ticks name entries of the folder that is shown
  useEffect(() => setTicks(noTicks), [folder, at.snapshot]);
  const columns = useMemo(
    (): BigColumn<FolderEntry>[] => [
      {
        id: "name",
        header: t("snapshots:files.name"),
        width: 280,
        grow: true,
        cell: (entry) => (
          <span className={css.name}>
            <Icon entry={entry} />
            <span className="clip" title={entry.name}>
              {entry.name}
              {entry.kind === "directory" && <span className="visually-hidden">, {t("snapshots:files.folder")}</span>}
              {typeof entry.kind === "object" && <span className="quiet"> → {entry.kind.symlink}</span>}
            </span>
          </span>
        ),
      },
      {
        id: "size",
        header: t("snapshots:files.size"),
        width: 88,
        align: "right",
        cell: (entry) => (entry.kind === "file" ? bytes(entry.size) : ""),
      },
      {
        id: "modified",
        header: t("snapshots:files.modified"),
        width: 150,
        cell: (entry) => entry.modified && <span title={exact(entry.modified)}>{moment(entry.modified)}</span>,
      },
    ],
    [t],
  );
  return (
    <section className={table.area} data-region aria-label={t("snapshots:browser.files")}>
      <div className={css.tools}>
        {lead}
        <Way folder={folder} onFolder={onFolder} />
        {first.data && (
          <span className="note">
            {t("snapshots:files.entries", { count: first.data.total, n: count(first.data.total) })}
          </span>
        )}
      </div>
      <ListStates
        query={first}
        rows={10}
        what={t("snapshots:files.reading")}
        isEmpty={(data) => data.total === 0}
        empty={<Empty title={t("snapshots:files.empty")} />}
      >
        {(data) => (
          <div className={table.table}>
            <BigTable
              label={folder || t("snapshots:browser.files")}
              total={data.total}
              columns={columns}
              source={`${at.snapshot} ${folder}`}
              rows={async (offset, limit) => (await call("browse.folder", { at, path: folder, offset, limit })).entries}
              rowId={(entry) => entry.path}
              rowName={(entry) => entry.name}
              currentId={current}
              onOpen={(entry) => (entry.kind === "directory" ? onFolder(entry.path) : onOpen(entry.path))}
              ticks={ticks}
              onTicks={setTicks}
            />
          </div>
        )}
      </ListStates>
      {first.data && (
        <FileSelectionBar
          at={at}
          folder={folder}
          ticks={ticks}
          total={first.data.total}
          onClear={() => setTicks(noTicks)}
          onRestore={onRestore}
          onExport={onExport}
        />
      )}
    </section>
  );
}
