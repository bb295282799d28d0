/** What is ticked, and what can be done with it. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import type { Row } from "../api";
import { asError, type BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { isTicked, type Ticks, tickCount } from "../shared/BigTable";
import { ErrorNote } from "../shared/ErrorNote";
import css from "./SelectionBar.module.css";

/** More single records than this are not named one by one. */
const MOST = 5000;
const PAGE = 1000;

/** Ticks and the rows they belong to. */
export interface SelectionBarProps {
  ticks: Ticks;
  total: number;
  collection: string;
  /** All rows are the whole collection: no filter, no search. */
  whole: boolean;
  rows: (offset: number, limit: number) => Promise<Row[]>;
  onClear: () => void;
  onRestore: (items: string[]) => void;
  onExport: ((items: string[]) => void) | undefined;
}

/** What is ticked, in the words of a restore: the collection, or its records one by one. */
async function itemsOf({ ticks, total, collection, whole, rows }: SelectionBarProps): Promise<string[]> {
  if (ticks.all && whole && ticks.except.size === 0) {
    return [collection];
  }
  if (!ticks.all) {
    return [...ticks.ids].map((id) => `${collection}/${id}`);
  }
  const items: string[] = [];
  for (let offset = 0; offset < total; offset += PAGE) {
    for (const row of await rows(offset, PAGE)) {
      if (isTicked(ticks, row.id)) {
        items.push(`${collection}/${row.id}`);
      }
    }
  }
  return items;
}

/** The bar; nothing while nothing is ticked. */
export function SelectionBar(props: SelectionBarProps) {
  const { ticks, total, whole, onClear, onRestore, onExport } = props;
  const { t } = useTranslation();
  const [error, setError] = useState<BackstayError | null>(null);
  const selected = tickCount(ticks, total);
  if (selected === 0) {
    return null;
  }
  const named = !(ticks.all && whole && ticks.except.size === 0);
  const tooMany = named && selected > MOST;
  const give = async (to: (items: string[]) => void) => {
    try {
      to(await itemsOf(props));
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  return (
    <div className={css.bar} role="group" aria-label={t("snapshots:selection.label")}>
      {error && <ErrorNote error={error} tight />}
      <span className={css.text} aria-live="polite">
        <b>{t("snapshots:selection.selected", { count: selected, n: count(selected) })}</b>
        <span className="quiet">{t("snapshots:selection.of", { n: count(total) })}</span>
        {tooMany && <span className="quiet">{t("snapshots:selection.tooMany", { n: count(MOST) })}</span>}
      </span>
      <Button variant="subtle" onClick={onClear}>
        {t("snapshots:selection.clear")}
      </Button>
      {onExport && (
        <Button disabled={tooMany} onClick={() => void give(onExport)}>
          {t("snapshots:selection.export")}
        </Button>
      )}
      <Button
        variant="filled"
        disabled={tooMany}
        leftSection={<IconArrowBackUp size="0.9375rem" />}
        onClick={() => void give(onRestore)}
      >
        {t("snapshots:selection.restore", { n: count(selected) })}
      </Button>
    </div>
  );
}
