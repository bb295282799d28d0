/** The audit trail as a table reads it: newest first, by number; or only the entries that fit a choice. */
import { useEffect, useState } from "react";
import { type AuditRow, asError, type BackstayError, call } from "../api";
import { type AuditChoice, asked, isChosen, passes } from "./auditFilter";

/** Entries read at a time while some are looked for. */
const CHUNK = 1000;
/** Milliseconds between two looks at what was found so far: the table is made anew with each. */
const OFTEN = 500;
/** So many finds are enough: whoever has more needs a narrower choice, or the export. */
const MOST = 5000;

/** Rows `offset` to `offset + limit` of `total` entries, newest first. */
export async function newestFirst(total: number, offset: number, limit: number): Promise<AuditRow[]> {
  const last = total - offset;
  const after = Math.max(0, last - limit);
  const { entries } = await call("audit.list", { after, limit: last - after }, { silent: true });
  return entries.filter((entry) => entry.seq <= last).reverse();
}

/** Some entries, and where to go on. */
interface Found {
  rows: AuditRow[];
  /** Entries up to this number, exclusive, are still to be looked at. */
  before: number;
}

/** The next entries below a number. The engine leaves out who and when does not fit; its words are not those of the screen. */
async function below(before: number, wanted: ReturnType<typeof asked>): Promise<Found> {
  if (!wanted) {
    const last = before - 1;
    const rows = await newestFirst(last, 0, Math.min(CHUNK, last));
    return { rows, before: Math.max(1, before - CHUNK) };
  }
  const { entries, next } = await call("audit.list", { ...wanted, before, limit: CHUNK }, { silent: true });
  return { rows: entries, before: next ?? 1 };
}

/** What was found so far. */
export interface AuditFinds {
  rows: AuditRow[];
  /** Entries looked at. */
  searched: number;
  done: boolean;
  /** There are more than are kept. */
  more: boolean;
  error: BackstayError | null;
}

const nothing: AuditFinds = { rows: [], searched: 0, done: false, more: false, error: null };

/** Looks through all entries, newest first, for those that fit a choice, as long as it stays the same. `said` adds what the row says on the screen. */
export function useAuditFinds(choice: AuditChoice, total: number, said: (row: AuditRow) => string): AuditFinds {
  const [finds, setFinds] = useState<AuditFinds>(nothing);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words on the screen do not make another question
  useEffect(() => {
    let current = true;
    setFinds(nothing);
    if (!isChosen(choice)) {
      return;
    }
    const now = new Date();
    const fits = passes(choice, now, said);
    const look = async () => {
      const rows: AuditRow[] = [];
      let told = performance.now();
      for (let before = total + 1; before > 1 && rows.length < MOST; ) {
        const page = await below(before, asked(choice, now));
        if (!current) {
          return;
        }
        before = page.before;
        rows.push(...page.rows.filter(fits));
        if (performance.now() - told > OFTEN) {
          setFinds({ ...nothing, rows: rows.slice(0, MOST), searched: total + 1 - before });
          told = performance.now();
        }
      }
      setFinds({ ...nothing, rows: rows.slice(0, MOST), searched: total, done: true, more: rows.length >= MOST });
    };
    // Not at every letter.
    const timer = setTimeout(() => {
      look().catch((thrown: unknown) => current && setFinds({ ...nothing, done: true, error: asError(thrown) }));
    }, 150);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [choice, total]);
  return finds;
}
