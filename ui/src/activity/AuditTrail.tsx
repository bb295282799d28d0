/** The trail as it was when it was opened: state, filter, table. New entries are offered, so that nothing moves under the reader. */
import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { AuditReply, AuditRow, AuditVerifyReply, BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { AuditDetail } from "./AuditDetail";
import { AuditFilters } from "./AuditFilters";
import { AuditState } from "./AuditState";
import { AuditTable } from "./AuditTable";
import css from "./audit.module.css";
import { type AuditChoice, everything } from "./auditFilter";

/** What the trail needs. */
export interface AuditTrailProps {
  /** The first entry, and how many there are now. */
  reply: AuditReply;
  verify: UseQueryResult<AuditVerifyReply, BackstayError>;
}

/** Everything below the head of the page. */
export function AuditTrail({ reply, verify }: AuditTrailProps) {
  const { t } = useTranslation();
  const [total, setTotal] = useState(reply.total);
  const [choice, setChoice] = useState(everything);
  const [open, setOpen] = useState<AuditRow | null>(null);
  const [toRow, setToRow] = useState<number>();
  const change = (part: Partial<AuditChoice>) => setChoice((now) => ({ ...now, ...part }));
  const fresh = reply.total - total;
  const show = (entry: number) => {
    setChoice(everything);
    // Newest first; what was cut off would stand above the first row.
    setToRow(Math.max(0, Math.min(total - 1, total - entry)));
  };
  return (
    <>
      <AuditState
        verify={verify}
        total={reply.total}
        since={reply.entries[0]?.time}
        onRetry={() => void verify.refetch()}
        onShow={show}
      />
      <div className={css.tools}>
        <AuditFilters choice={choice} onChange={change} total={total} />
        {fresh > 0 && (
          <Button variant="subtle" onClick={() => setTotal(reply.total)}>
            {t("activity:audit.fresh", { count: fresh, n: count(fresh) })}
          </Button>
        )}
      </div>
      <AuditTable
        total={total}
        choice={choice}
        current={open}
        onOpen={setOpen}
        brokenAt={verify.data?.broken?.entry}
        toRow={toRow}
      />
      <AuditDetail row={open} onClose={() => setOpen(null)} />
    </>
  );
}
