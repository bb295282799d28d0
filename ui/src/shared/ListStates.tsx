/** What a list shows when it has no rows to show: it loads, it is empty, or it could not be read. */
import { Skeleton } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import { duration } from "../i18n/format";
import { ErrorNote } from "./ErrorNote";
import css from "./ListStates.module.css";
import { StatusGlyph } from "./StatusGlyph";

/** Seconds since this was first drawn, every second; nothing is shown for the first 300 ms. */
function useWaited(): number {
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const first = setTimeout(() => setWaited(0.3), 300);
    const timer = setInterval(() => setWaited((performance.now() - start) / 1000), 1000);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, []);
  return waited;
}

const widths = [42, 31, 50, 36, 45, 27, 39, 33];

/** Skeleton rows after 300 ms and, after 2 s, what is waited for. */
export function Loading({ rows = 6, what }: { rows?: number; what?: string }) {
  const { t } = useTranslation();
  const waited = useWaited();
  if (waited === 0) {
    return <div className={css.loading} aria-busy />;
  }
  return (
    <div className={css.loading} role="status" aria-busy>
      {waited >= 2 && (
        <div className={css.waiting}>
          <StatusGlyph status="running" />
          {t("common:state.waitingFor", { what: what ?? t("common:state.loading"), time: duration(waited) })}
        </div>
      )}
      <span className="visually-hidden">{what ?? t("common:state.loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={css.row} aria-hidden>
          <Skeleton width="1.625rem" height="1.625rem" radius="sm" />
          <Skeleton width={`${widths[row % widths.length]}%`} height="0.625rem" />
          <Skeleton width="4rem" height="0.625rem" ml="auto" />
        </div>
      ))}
    </div>
  );
}

/** A dotted line, one sentence, one button. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <svg viewBox="0 0 118 12" className={css.dotted} aria-hidden>
        <path d="M0 6H52M66 6H118" />
        <circle cx="59" cy="6" r="5" />
      </svg>
      <h2>{title}</h2>
      {children && <div className={css.sentence}>{children}</div>}
      {action}
    </div>
  );
}

/** What a query looks like to a list. */
interface Query<T> {
  data: T | undefined;
  error: BackstayError | null;
  isPending: boolean;
  refetch: () => unknown;
}

/** How a list looks in all its states. */
export interface ListStatesProps<T> {
  query: Query<T>;
  /** What is waited for, after 2 s ("Opening Office NAS"). */
  what?: string;
  rows?: number;
  isEmpty?: (data: T) => boolean;
  /** Shown when there is nothing. */
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Loading, error, empty or the list itself. An error while old rows are known stands above them: the last good state stays in sight. */
export function ListStates<T>({ query, what, rows, isEmpty, empty, children }: ListStatesProps<T>) {
  const { data, error, isPending, refetch } = query;
  if (data === undefined) {
    if (error) {
      return <ErrorNote error={error} onRetry={() => void refetch()} />;
    }
    return isPending ? <Loading {...(what ? { what } : {})} {...(rows ? { rows } : {})} /> : null;
  }
  return (
    <>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {empty && isEmpty?.(data) ? empty : children(data)}
    </>
  );
}
