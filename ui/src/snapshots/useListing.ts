/** One opened table of records: sorted, filtered and searched by the engine, then read by page. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { call, type FieldFilter, type Row, type SnapshotRef, type SortBy, useCall } from "../api";
import { asError } from "../api/error";

/** What is asked of a table. */
export interface Query {
  search: string;
  filters: FieldFilter[];
  sort: SortBy | null;
}

/** Everything, in the collection's own order. */
export const plainQuery: Query = { search: "", filters: [], sort: null };

/** Whether something is left out. */
export function isNarrowed(query: Query): boolean {
  return query.search !== "" || query.filters.length > 0;
}

/** Opens a table. One the engine has forgotten meanwhile is opened again without a word. */
export function useListing(at: SnapshotRef, collection: string, query: Query) {
  const client = useQueryClient();
  const request = {
    at,
    collection,
    ...(query.search ? { search: query.search } : {}),
    ...(query.filters.length ? { filters: query.filters } : {}),
    ...(query.sort ? { sort: query.sort } : {}),
  };
  // What a snapshot holds never changes, and a live table keeps its order: nothing makes it stale.
  const opened = useCall("listing.open", request, { keep: true, topics: [] });
  const key = JSON.stringify(request);
  // While another order is worked out the rows are still those of the last one.
  const shown = useRef(key);
  if (!opened.isPlaceholderData) {
    shown.current = key;
  }
  const name = opened.data?.listing;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the request
  const again = useCallback(async () => {
    const fresh = await call("listing.open", request);
    client.setQueryData(["listing.open", request], fresh);
    return fresh.listing;
  }, [client, key]);

  const rows = useCallback(
    async (offset: number, limit: number): Promise<Row[]> => {
      const read = async (listing: string) => (await call("listing.rows", { listing, offset, limit })).rows;
      try {
        return await read(name ?? "");
      } catch (thrown) {
        const error = asError(thrown);
        if (error.code !== "notFound") {
          throw error;
        }
        return read(await again());
      }
    },
    [name, again],
  );
  const locate = useCallback(
    async (id: string): Promise<number | null> => {
      const find = async (listing: string) => (await call("listing.locate", { listing, id })).index ?? null;
      try {
        return await find(name ?? "");
      } catch (thrown) {
        const error = asError(thrown);
        if (error.code !== "notFound") {
          throw error;
        }
        return find(await again());
      }
    },
    [name, again],
  );
  return { opened, rows, locate, key: shown.current };
}
