/** The trail as it was when it was opened: state, filter, table. New entries are offered, so that nothing moves under the reader. */
import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { AuditReply, AuditRow, AuditVerifyReply, BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { useShortcut } from "../shared/shortcuts";
import { AuditDetail } from "./AuditDetail";
import { AuditState } from "./AuditState";
import { AuditTable } from "./AuditTable";
import css from "./audit.module.css";

/** What the trail needs. */
export interface AuditTrailProps {
  /** The first entry, and how many there are now. */
  reply: AuditReply;
  verify: UseQueryResult<AuditVerifyReply, BackstayError>;
}

/** Everything below the head of the page. */
export function AuditTrail({ reply, verify }: AuditTrailProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [total, setTotal] = useState(reply.total);
  const [text, setText] = useState("");
  const [open, setOpen] = useState<AuditRow | null>(null);
  const [toRow, setToRow] = useState<number>();
  useShortcut("/", t("activity:audit.filter"), () => field.current?.focus());
  const fresh = reply.total - total;
  const show = (entry: number) => {
    setText("");
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
        <TextInput
          ref={field}
          type="search"
          className={css.filter ?? ""}
          aria-label={t("activity:audit.filter")}
          placeholder={t("activity:audit.filter")}
          leftSection={<IconSearch size="1rem" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {fresh > 0 && (
          <Button variant="subtle" onClick={() => setTotal(reply.total)}>
            {t("activity:audit.fresh", { count: fresh, n: count(fresh) })}
          </Button>
        )}
      </div>
      <AuditTable
        total={total}
        text={text}
        current={open}
        onOpen={setOpen}
        brokenAt={verify.data?.broken?.entry}
        toRow={toRow}
      />
      <AuditDetail row={open} onClose={() => setOpen(null)} />
    </>
  );
}
