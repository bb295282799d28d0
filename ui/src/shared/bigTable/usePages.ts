/** Rows by page: read when they come into sight, kept while they are near. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asError, type BackstayError } from "../../api/error";

/** Rows of one page. */
export const PAGE = 200;
const KEPT = 50;
/** Milliseconds. */
const REST = 90;

/** Reads rows: at most `limit`, from `offset` on. */
export type RowSource<R> = (offset: number, limit: number) => Promise<R[]>;

/** The rows that are known. */
export interface Pages<R> {
  row: (index: number) => R | undefined;
  /** The last page that could not be read. */
  error: BackstayError | null;
  retry: () => void;
  /** Reads a range, from the cache where it is there; for ticking ranges. */
  range: (first: number, last: number) => Promise<R[]>;
}

/** Reads the pages from `first` to `last` row. Everything is forgotten when `key` changes. */
export function usePages<R>(key: string, source: RowSource<R>, first: number, last: number): Pages<R> {
  const cache = useRef({ key, pages: new Map<number, R[]>(), reading: new Set<number>() });
  const moved = useRef(Number.NEGATIVE_INFINITY);
  const [, redraw] = useState(0);
  const [error, setError] = useState<BackstayError | null>(null);
  const latest = useRef(source);
  latest.current = source;
  if (cache.current.key !== key) {
    cache.current = { key, pages: new Map(), reading: new Set() };
  }

  const read = useCallback(async (page: number) => {
    const mine = cache.current;
    if (mine.pages.has(page) || mine.reading.has(page)) {
      return;
    }
    mine.reading.add(page);
    try {
      const rows = await latest.current(page * PAGE, PAGE);
      mine.pages.set(page, rows);
      for (const old of mine.pages.keys()) {
        if (mine.pages.size <= KEPT) {
          break;
        }
        mine.pages.delete(old);
      }
      if (cache.current === mine) {
        setError(null);
      }
    } catch (thrown) {
      if (cache.current === mine) {
        setError(asError(thrown));
      }
    } finally {
      mine.reading.delete(page);
      redraw((count) => count + 1);
    }
  }, []);

  const [from, to] = [Math.floor(first / PAGE), Math.floor(Math.max(first, last - 1) / PAGE)];
  const load = useCallback(() => {
    for (let page = from; page <= to; page++) {
      void read(page);
    }
  }, [from, to, read]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another key means other rows at the same place
  useEffect(() => {
    if (last <= first) {
      return;
    }
    // A jump is read at once; a drag of the scroll bar passes pages nobody wants to see, and is given a moment's rest.
    const now = performance.now();
    const resting = now - moved.current > REST;
    moved.current = now;
    if (resting) {
      load();
      return;
    }
    const timer = setTimeout(load, REST / 3);
    return () => clearTimeout(timer);
  }, [load, first < last, key]);

  const row = useCallback((index: number) => cache.current.pages.get(Math.floor(index / PAGE))?.[index % PAGE], []);
  const range = useCallback(
    async (start: number, end: number) => {
      for (let page = Math.floor(start / PAGE); page <= Math.floor(end / PAGE); page++) {
        await read(page);
      }
      const found: R[] = [];
      for (let index = start; index <= end; index++) {
        const one = row(index);
        if (one !== undefined) {
          found.push(one);
        }
      }
      return found;
    },
    [read, row],
  );
  return { row, error, retry: load, range };
}
