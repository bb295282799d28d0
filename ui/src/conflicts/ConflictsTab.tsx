/** Records of a live source that have several versions at once: the list, and one of them to settle. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { type BackstayError, type ConflictPlace, type ConflictsReply, call } from "../api";
import { useTranslation } from "../i18n";
import { age, count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { useNow } from "../shared/useNow";
import { ConflictView } from "./ConflictView";
import css from "./conflicts.module.css";

const PAGE = 100;

/** Pages of conflicts: looking for them reads the source, so that it is done on request and not again by itself. */
function useConflicts(source: string) {
  return useInfiniteQuery<ConflictsReply, BackstayError, { pages: ConflictsReply[] }, unknown[], ConflictPlace | null>({
    queryKey: ["conflict.list", source],
    queryFn: ({ pageParam, signal }) =>
      call("conflict.list", { source, after: pageParam, limit: PAGE }, { signal, silent: true }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next ?? undefined,
    meta: { topics: ["conflicts"] },
  });
}

/** The tab. */
export function ConflictsTab({ source }: { source: string }) {
  const [search, setSearch] = useSearchParams();
  const [collection, id] = [search.get("in"), search.get("id")];
  const show = (where: { collection: string; id: string } | null) =>
    setSearch(where ? { tab: "conflicts", in: where.collection, id: where.id } : { tab: "conflicts" });
  return collection && id ? (
    <ConflictView source={source} collection={collection} id={id} onBack={() => show(null)} />
  ) : (
    <List source={source} onOpen={show} />
  );
}

function List({ source, onOpen }: { source: string; onOpen: (where: { collection: string; id: string }) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const query = useConflicts(source);
  const rows = query.data?.pages.flatMap((page) => page.conflicts) ?? [];
  const gaps = query.data?.pages.flatMap((page) => page.gaps) ?? [];
  if (query.isPending) {
    return <Loading rows={4} what={t("conflicts:looking")} />;
  }
  if (query.error && rows.length === 0) {
    return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <section className={css.page}>
      <div className={css.head}>
        <p className="quiet">{t("conflicts:what")}</p>
        <Button
          leftSection={<IconRefresh size="0.875rem" />}
          loading={query.isFetching && !query.isFetchingNextPage}
          onClick={() => void query.refetch()}
        >
          {t("conflicts:again")}
        </Button>
      </div>
      {gaps.length > 0 && (
        <Note status="partial" title={t("conflicts:gaps", { count: gaps.length, n: count(gaps.length) })}>
          {gaps.map((gap) => (
            <div key={gap.subject}>
              {gap.subject}: {gap.message}
            </div>
          ))}
        </Note>
      )}
      {rows.length === 0 ? (
        <Empty title={t("conflicts:empty")}>{t("conflicts:emptyLine")}</Empty>
      ) : (
        <div className="card">
          <ul className={css.list} aria-label={t("conflicts:title")}>
            {rows.map((row) => (
              <li key={`${row.collection}/${row.id}`}>
                <UnstyledButton className={css.line ?? ""} onClick={() => onOpen(row)}>
                  <span className={css.id}>
                    <span className="quiet">{row.collection}/</span>
                    {row.id}
                  </span>
                  <span className={css.more}>
                    {[
                      t("conflicts:versions", { count: row.versions, n: count(row.versions) }),
                      row.changed ? age(row.changed, now) : "",
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </UnstyledButton>
              </li>
            ))}
          </ul>
          {query.hasNextPage && (
            <div className={css.foot}>
              <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t("conflicts:more")}
              </Button>
            </div>
          )}
        </div>
      )}
      {query.error && rows.length > 0 && <ErrorNote error={query.error} onRetry={() => void query.fetchNextPage()} />}
    </section>
  );
}
