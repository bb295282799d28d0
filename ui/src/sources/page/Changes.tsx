/** What one backup changed against the one before it; asked for when the row comes into sight. */
import { useInViewport } from "@mantine/hooks";
import { type RunPoint, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { count } from "../../i18n/format";
import css from "./page.module.css";

/** What is compared. */
export interface ChangesProps {
  point: RunPoint;
  /** The backup before it in the same vault. */
  before: RunPoint | undefined;
}

function Figure({ value, sign }: { value: number; sign: string }) {
  return (
    <td className={`num ${css.change}`} data-some={value > 0 || undefined}>
      {value > 0 ? `${sign}${count(value)}` : "0"}
    </td>
  );
}

/** Three cells: new, edited, gone. */
export function Changes({ point, before }: ChangesProps) {
  const { t } = useTranslation();
  const { ref, inViewport } = useInViewport<HTMLTableCellElement>();
  const wanted = Boolean(point.snapshot && before?.snapshot);
  const query = useCall(
    "diff",
    {
      before: { snapshot: before?.snapshot ?? "", vault: before?.vault ?? null },
      after: { snapshot: point.snapshot ?? "", vault: point.vault ?? null },
      summary: true,
      limit: 0,
    },
    // Snapshots never change: nothing makes this stale.
    { enabled: wanted && inViewport, silent: true, topics: [] },
  );
  const sums = query.data?.collections.reduce(
    (sum, { counts }) => ({
      added: sum.added + counts.added,
      changed: sum.changed + counts.changed,
      removed: sum.removed + counts.removed,
    }),
    { added: 0, changed: 0, removed: 0 },
  );
  if (!sums) {
    const words = !point.snapshot
      ? ""
      : !before
        ? t("sources:changes.first")
        : query.error
          ? t("sources:changes.unknown")
          : "…";
    return (
      <td ref={ref} colSpan={3} className={`num quiet ${css.change}`} title={query.error?.message}>
        {words}
      </td>
    );
  }
  return (
    <>
      <Figure value={sums.added} sign="+" />
      <Figure value={sums.changed} sign="~" />
      <Figure value={sums.removed} sign="−" />
    </>
  );
}
