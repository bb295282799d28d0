/** What an entry of the audit trail says was done, in words; an action without words keeps its name. */
import { useCallback } from "react";
import type { AuditRow } from "../api";
import { useTranslation } from "../i18n";

function verdictOf(detail: unknown): string | undefined {
  const verdict = (detail as { verdict?: unknown } | null)?.verdict;
  return typeof verdict === "string" ? verdict : undefined;
}

/** Gives the words of an entry: "Backed up, partial". */
export function useDid(): (row: Pick<AuditRow, "action" | "detail">) => string {
  const { t } = useTranslation();
  return useCallback(
    (row) => {
      const did = t(`activity:did.${row.action}`, { defaultValue: row.action });
      const verdict = verdictOf(row.detail);
      return verdict && verdict !== "complete"
        ? t("activity:did.ended", {
            did,
            verdict: t(`common:status.${verdict}`, { defaultValue: verdict }).toLocaleLowerCase(),
          })
        : did;
    },
    [t],
  );
}
