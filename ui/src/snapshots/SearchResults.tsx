/** Search over everything that was ever saved, and what it found. */
import { Button, SegmentedControl, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type SearchReply, type SearchRequest, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { useRowKeys } from "../shared/useRowKeys";
import { HitRow } from "./HitRow";
import { Problems } from "./Problems";
import css from "./SearchResults.module.css";

/** Hits asked for at first, and added each time. */
const HITS = 50;

type Mode = "all" | "gone" | "newest";

/** What is searched for. */
export interface SearchResultsProps {
  text: string;
}

function requestOf(text: string, mode: Mode, source: string | null, limit: number): SearchRequest {
  return {
    text,
    earlier: mode !== "newest",
    ...(mode === "gone" ? { onlyGone: true } : {}),
    ...(source ? { source } : {}),
    limit,
  };
}

function Hits({ reply, text, onMore }: { reply: SearchReply; text: string; onMore: () => void }) {
  const { t } = useTranslation();
  const list = useRowKeys<HTMLUListElement>();
  const sources = useCall("source.list", {}, { silent: true });
  const snapshots = useCall("snapshot.list", {}, { silent: true });
  const kinds = new Map((sources.data?.sources ?? []).map((row) => [row.name, row.kind]));
  const first = useMemo(() => {
    const found = new Map<string, string>();
    for (const row of snapshots.data?.snapshots ?? []) {
      if (!found.has(row.source)) {
        found.set(row.source, row.time);
      }
    }
    return found;
  }, [snapshots.data]);
  return (
    <>
      <ul ref={list} className={`card ${css.list}`} aria-label={t("snapshots:search.hits")}>
        {reply.hits.map((hit) => (
          <HitRow
            key={`${hit.source}/${hit.collection}/${hit.id}/${hit.snapshot}`}
            hit={hit}
            wanted={text}
            kind={kinds.get(hit.source)}
            from={first.get(hit.source)}
          />
        ))}
      </ul>
      {reply.more && (
        <div className={css.more}>
          <Button onClick={onMore}>{t("snapshots:search.more")}</Button>
        </div>
      )}
    </>
  );
}

/** The line of figures above the hits. */
function useFigures(reply: SearchReply | undefined): string {
  const { t } = useTranslation();
  if (!reply) {
    return "";
  }
  const sources = new Set(reply.hits.map((hit) => hit.source)).size;
  const found = t(reply.more ? "snapshots:search.foundMore" : "snapshots:search.found", {
    count: reply.hits.length,
    n: count(reply.hits.length),
  });
  const among = t("snapshots:search.inSources", { count: sources, n: count(sources) });
  const looked = t("snapshots:search.looked", { count: reply.snapshots, n: count(reply.snapshots) });
  return [sources > 0 ? `${found} ${among}` : found, looked].join(" · ");
}

/** Filters and hits. A search that takes long can be stopped; so can leaving the page or typing on. */
export function SearchResults({ text }: SearchResultsProps) {
  const { t } = useTranslation();
  const [mode, setMode] = useState<Mode>("all");
  const [source, setSource] = useState<string | null>(null);
  const [limit, setLimit] = useState(HITS);
  const [stopped, setStopped] = useState<string | null>(null);
  const request = requestOf(text, mode, source, limit);
  const key = JSON.stringify(request);
  const isStopped = stopped === key;
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words begin with few hits
  useEffect(() => setLimit(HITS), [text]);
  const search = useCall("search", request, { enabled: text !== "" && !isStopped, keep: limit > HITS });
  const sources = useCall("source.list", {}, { silent: true });
  const figures = useFigures(search.data);
  const gone =
    search.data && mode === "all" && !search.data.more
      ? search.data.hits.filter((hit) => hit.fate === "removed").length
      : null;
  return (
    <>
      <div className={css.filters}>
        <SegmentedControl
          value={mode}
          onChange={(value) => {
            setMode(value as Mode);
            setLimit(HITS);
          }}
          aria-label={t("snapshots:search.when")}
          data={[
            { value: "all", label: t("snapshots:search.all") },
            {
              value: "gone",
              label: gone === null ? t("snapshots:search.gone") : `${t("snapshots:search.gone")} ${count(gone)}`,
            },
            { value: "newest", label: t("snapshots:search.newest") },
          ]}
        />
        <Select
          aria-label={t("snapshots:filter.source")}
          placeholder={t("snapshots:filter.allSources")}
          data={(sources.data?.sources ?? []).map((row) => row.name)}
          value={source}
          onChange={setSource}
          clearable
          w="11rem"
        />
        <span className="note" role="status">
          {search.isFetching ? t("snapshots:search.searching") : figures}
        </span>
        {search.isFetching && (
          <Button
            size="compact-sm"
            onClick={() => {
              setStopped(key);
              void client.cancelQueries({ queryKey: ["search", request] });
            }}
          >
            {t("snapshots:search.stop")}
          </Button>
        )}
      </div>
      {search.data && <Problems problems={search.data.problems} />}
      {isStopped && (
        <Empty
          title={t("snapshots:search.stopped")}
          action={<Button onClick={() => setStopped(null)}>{t("snapshots:search.again")}</Button>}
        />
      )}
      {!isStopped && search.error && <ErrorNote error={search.error} onRetry={() => void search.refetch()} />}
      {!isStopped && search.isPending && text !== "" && <Loading rows={5} what={t("snapshots:search.reading")} />}
      {!isStopped && search.data && search.data.hits.length === 0 && (
        <Empty
          title={t(mode === "newest" ? "snapshots:search.noneNow" : "snapshots:search.none", {
            count: search.data.snapshots,
            n: count(search.data.snapshots),
          })}
        >
          {t("snapshots:search.noneText")}
        </Empty>
      )}
      {!isStopped && search.data && search.data.hits.length > 0 && (
        <Hits reply={search.data} text={text} onMore={() => setLimit((known) => known + HITS * 3)} />
      )}
    </>
  );
}
