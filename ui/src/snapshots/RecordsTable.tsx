/** The table of a collection's records: a million of them or more, sorted, filtered and searched by the engine. */
import { Button } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import type { Field, Row, SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type BigColumn, BigTable, noTicks, type Ticks } from "../shared/BigTable";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { CellValue } from "./CellValue";
import { areDocuments, ID, saveColumns, savedColumns, shownFields, tellingFields, widthOf } from "./columns";
import { IdCell } from "./IdCell";
import css from "./RecordsTable.module.css";
import { SelectionBar } from "./SelectionBar";
import { TableTools } from "./TableTools";
import { isNarrowed, plainQuery, type Query, useListing } from "./useListing";
import { isNumeric } from "./values";

/** A collection to show. */
export interface RecordsTableProps {
  at: SnapshotRef;
  /** Name of the source or file, for what is remembered. */
  source: string;
  collection: string;
  /** What people call it. */
  label: string;
  /** Fields that make up the id. */
  keys: string[];
  /** The record that is open. */
  current: string | undefined;
  onOpen: (id: string) => void;
  /** Left of the search field, in narrow windows. */
  lead?: React.ReactNode;
  onRestore: (items: string[]) => void;
  onExport: ((items: string[]) => void) | undefined;
}

function columnsOf(
  fields: Field[],
  title: string | null | undefined,
  idHeader: string,
  documents: boolean,
): BigColumn<Row>[] {
  const named = fields.some((field) => field.name === title);
  const columns = fields.map((field): BigColumn<Row> => {
    const isTitle = field.name === title;
    return {
      id: field.name,
      header: field.name,
      width: widthOf(field, isTitle),
      sortable: true,
      ...(isTitle ? { grow: true } : {}),
      ...(isNumeric(field.kind) && !isTitle ? { align: "right" as const } : {}),
      cell: (row) => (
        <CellValue
          value={row.values[field.name]}
          title={isTitle}
          fallback={isTitle ? row.id : undefined}
          gone={isTitle && row.gone === true}
        />
      ),
    };
  });
  if (named && !documents) {
    return columns;
  }
  const id: BigColumn<Row> = {
    id: ID,
    header: idHeader,
    width: documents ? 200 : 180,
    grow: columns.length < 2,
    cell: (row) => <IdCell row={row} />,
  };
  return [id, ...columns];
}

function sortOf(query: Query, column: string): Query {
  const { sort } = query;
  if (column === ID) {
    return { ...query, sort: null };
  }
  if (sort?.field !== column) {
    return { ...query, sort: { field: column, descending: false } };
  }
  return { ...query, sort: sort.descending ? null : { field: column, descending: true } };
}

/** The table with its tools above and what is ticked beneath. */
export function RecordsTable(props: RecordsTableProps) {
  const { at, source, collection, label, keys, current, onOpen, lead, onRestore, onExport } = props;
  const { t } = useTranslation();
  const [query, setQuery] = useState<Query>(plainQuery);
  const [chosen, setChosen] = useState(() => savedColumns(source, collection));
  const [ticks, setTicks] = useState<Ticks>(noTicks);
  const [toRow, setToRow] = useState<number | undefined>(undefined);
  const { opened, rows, locate, key } = useListing(at, collection, query);
  const { data, error } = opened;
  const documents = areDocuments(data?.fields ?? []);
  const all = useMemo(() => tellingFields(data?.fields ?? []), [data?.fields]);
  const fields = useMemo(() => shownFields(all, data?.title, chosen, keys), [all, data?.title, chosen, keys]);
  const columns = useMemo(
    () => columnsOf(fields, data?.title, t("snapshots:browser.id"), documents),
    [fields, data?.title, documents, t],
  );
  // Ticks name rows of what is shown; another filter shows other rows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter or search begins without ticks
  useEffect(() => setTicks(noTicks), [query.search, query.filters, at.snapshot]);
  const rowName = (row: Row) => {
    const named = data?.title ? row.values[data.title] : undefined;
    return typeof named === "string" && named ? named : row.id;
  };
  const jump = (row: number) => {
    setToRow(undefined);
    requestAnimationFrame(() => setToRow(row));
  };
  const busy = opened.isPlaceholderData || (opened.isFetching && data !== undefined);
  return (
    <section className={css.area} data-region aria-label={label}>
      <TableTools
        label={label}
        lead={lead}
        fields={all}
        shown={fields.map((field) => field.name)}
        title={data?.title ?? null}
        query={query}
        onQuery={setQuery}
        total={data?.total ?? 0}
        busy={busy}
        locate={locate}
        onJump={jump}
        onColumns={(names) => {
          setChosen(names);
          saveColumns(source, collection, names);
        }}
      />
      {error && <ErrorNote error={error} onRetry={() => void opened.refetch()} />}
      {!error && data === undefined && <Loading rows={10} what={t("snapshots:browser.opening", { name: label })} />}
      {!error && data && data.total === 0 && (
        <Empty
          title={t(isNarrowed(query) ? "snapshots:browser.noMatch" : "snapshots:browser.noRecords", { name: label })}
          action={
            isNarrowed(query) && (
              <Button onClick={() => setQuery({ ...plainQuery, sort: query.sort })}>
                {t("snapshots:tools.reset")}
              </Button>
            )
          }
        >
          {isNarrowed(query) && t("snapshots:browser.of", { count: data.of, n: count(data.of) })}
        </Empty>
      )}
      {!error && data && data.total > 0 && (
        <div className={css.table} aria-busy={busy}>
          <BigTable
            label={label}
            total={data.total}
            columns={columns}
            rows={rows}
            source={key}
            rowId={(row) => row.id}
            rowName={rowName}
            currentId={current}
            onOpen={(row) => onOpen(row.id)}
            ticks={ticks}
            onTicks={setTicks}
            sort={query.sort ? { column: query.sort.field, descending: query.sort.descending ?? false } : null}
            onSort={(column) => setQuery(sortOf(query, column))}
            toRow={toRow}
          />
        </div>
      )}
      {data && (
        <SelectionBar
          ticks={ticks}
          total={data.total}
          collection={collection}
          whole={!isNarrowed(query)}
          rows={rows}
          onClear={() => setTicks(noTicks)}
          onRestore={onRestore}
          onExport={onExport}
        />
      )}
    </section>
  );
}
