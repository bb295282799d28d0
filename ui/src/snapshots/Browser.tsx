/** The browser: what a point in time holds at the left, its records or files in the middle, the open one at the right. */
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { paths } from "../shared/paths";
import css from "./Browser.module.css";
import { BrowserHead } from "./BrowserHead";
import { CollectionList, CollectionSelect } from "./Collections";
import { collectionItems } from "./collectionItems";
import { FilePanel } from "./FilePanel";
import { FilesTable } from "./FilesTable";
import { FILES, onlyOf, type Place } from "./place";
import { RecordPanel } from "./RecordPanel";
import { RecordsTable } from "./RecordsTable";
import { useCounts } from "./useCounts";
import { useNeighbours, usePlace } from "./usePlace";

/** Where the browser is. */
export interface BrowserProps {
  place: Place;
  /** Opens the export dialog for some items; without it nothing can be exported here. */
  onExport?: (items: string[]) => void;
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** The page. Collection `c`, record or file `r` and folder `d` are in the address, so that older, newer and Back keep them. */
export function Browser({ place, onExport }: BrowserProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const roomy = useMediaQuery("(min-width: 62.5em)", true, { getInitialValueInEffect: false });
  const narrow = useMediaQuery("(max-width: 44.9375em)", false, { getInitialValueInEffect: false });
  const content = usePlace(place);
  const { collections, meta, files, gaps } = content;
  const counts = useCounts(place.ref, collections, meta);
  const neighbours = useNeighbours(content.row);
  const items = useMemo(
    () => collectionItems(t, collections, counts, gaps, files),
    [t, collections, counts, gaps, files],
  );
  const wanted = query.get("c");
  const current =
    items.find((item) => item.name === wanted && !item.gap) ?? (wanted ? undefined : items.find((item) => !item.gap));
  const record = query.get("r") ?? undefined;
  const isFiles = current?.name === FILES && !collections.some((one) => one.name === FILES);
  const folder = query.get("d") ?? (isFiles && record ? parentOf(record) : "");

  const show = (
    values: { c?: string | undefined; r?: string | undefined; d?: string | undefined },
    replace = false,
  ) => {
    const next = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) {
      if (value) {
        next.set(name, value);
      }
    }
    setQuery(next, { replace });
  };
  const open = (r: string | undefined) =>
    show({ c: current?.name, r, d: isFiles ? folder : undefined }, record !== undefined);
  const restore = (only: string[]) => {
    const { snapshot, vault } = place.ref;
    navigate(paths.restore({ snapshot, ...(vault ? { vault } : {}), ...(only.length ? { only: onlyOf(only) } : {}) }));
  };
  const go = (to: SnapshotRef) =>
    navigate({ pathname: paths.browser(to), search: query.toString() ? `?${query}` : "" });
  const compare = () => {
    const c = current && !isFiles ? { c: current.name } : {};
    navigate(paths.compare(place.kind === "live" ? { b: place.ref.snapshot, ...c } : { a: place.ref.snapshot, ...c }));
  };
  // The wizard and the lists of sources are asked for a collection that this point in time may not have.
  const missing = wanted !== null && current === undefined && !content.query.isPending && files !== undefined;
  useEffect(() => {
    if (missing && items.length > 0) {
      setQuery(new URLSearchParams(), { replace: true });
    }
  }, [missing, items.length, setQuery]);

  const total = [...counts.values()].reduce((sum, records) => sum + records, 0);
  const panelAsPage = narrow && record !== undefined;
  const choice = { items, current: current?.name, onOpen: (name: string) => show({ c: name }) };
  // A single thing needs no list to choose from.
  const several = items.length > 1;
  const lead = !roomy && several ? <CollectionSelect {...choice} /> : undefined;
  const collection = collections.find((one) => one.name === current?.name);
  const common = {
    place,
    source: content.source,
    time: content.row?.time,
    page: panelAsPage === true,
    onClose: () => open(undefined),
  };
  return (
    <Page fill>
      {!panelAsPage && (
        <BrowserHead
          place={place}
          content={content}
          records={counts.size ? total : undefined}
          neighbours={neighbours}
          onGo={go}
          onCompare={compare}
          onRestore={() => restore([])}
        />
      )}
      <ListStates<unknown> query={content.query} rows={12} what={t("snapshots:browser.reading")}>
        {() => (
          <div className={css.parts}>
            {roomy && several && <CollectionList {...choice} />}
            {!current && files !== undefined && (
              <div className={css.nothing}>
                <Empty title={t("snapshots:browser.empty")} />
              </div>
            )}
            {current && !panelAsPage && isFiles && (
              <FilesTable
                at={place.ref}
                folder={folder}
                onFolder={(d) => show({ c: FILES, d: d || undefined })}
                current={record}
                onOpen={open}
                lead={lead}
                onRestore={restore}
                onExport={onExport}
              />
            )}
            {current && !panelAsPage && !isFiles && (
              <RecordsTable
                key={current.name}
                at={place.ref}
                source={content.source ?? place.name}
                collection={current.name}
                label={current.label}
                keys={collection?.schema.key ?? []}
                current={record}
                onOpen={open}
                lead={lead}
                onRestore={restore}
                onExport={onExport}
              />
            )}
            {current &&
              record !== undefined &&
              (isFiles ? (
                <FilePanel key={record} {...common} path={record} />
              ) : (
                <RecordPanel
                  {...common}
                  collection={current.name}
                  label={current.label}
                  fields={collection?.schema.fields ?? []}
                  id={record}
                />
              ))}
          </div>
        )}
      </ListStates>
    </Page>
  );
}
