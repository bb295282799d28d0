/** Whether the audit trail is whole; if not, where it breaks and what that means. */
import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { AuditVerifyReply, BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { calendarDay, count, exact, moment } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { useNow } from "../shared/useNow";

/** What the state needs. */
export interface AuditStateProps {
  verify: UseQueryResult<AuditVerifyReply, BackstayError>;
  total: number;
  /** When the first entry was made. */
  since: string | undefined;
  onRetry: () => void;
  /** Shows an entry in the table. */
  onShow: (entry: number) => void;
}

/** The note above the table. */
export function AuditState({ verify, total, since, onRetry, onShow }: AuditStateProps) {
  const { t } = useTranslation();
  const now = useNow();
  if (verify.isFetching) {
    return (
      <Note status="running" title={t("activity:audit.checking", { count: total, n: count(total) })}>
        {t("activity:audit.checkingLine")}
      </Note>
    );
  }
  if (verify.error) {
    return <ErrorNote error={verify.error} title={t("activity:audit.checkFailed")} onRetry={onRetry} />;
  }
  const found = verify.data;
  if (!found) {
    return null;
  }
  if (!found.intact) {
    const { broken } = found;
    const entry = broken ? count(broken.entry) : "";
    return (
      <div role="alert">
        <Note
          status="failed"
          title={broken ? t("activity:audit.broken", { entry }) : t("activity:audit.brokenSomewhere")}
          actions={broken && <Button onClick={() => onShow(broken.entry)}>{t("activity:audit.showBroken")}</Button>}
        >
          {broken && <p>{t(`activity:audit.break.${broken.kind}`, { entry })}</p>}
          <p>{t("activity:audit.brokenLine")}</p>
          <Problems problems={found.problems} />
        </Note>
      </div>
    );
  }
  const verified = new Date(verify.dataUpdatedAt);
  return (
    <Note
      status="complete"
      title={
        since
          ? t("activity:audit.whole", { count: found.entries, n: count(found.entries), since: calendarDay(since) })
          : t("activity:audit.wholeEmpty")
      }
    >
      <p>
        {t("activity:audit.wholeLine")}{" "}
        <time dateTime={verified.toISOString()} title={exact(verified)}>
          {t("activity:audit.verified", { time: moment(verified, now) })}
        </time>{" "}
        {found.confirmedBySnapshots > 0 &&
          t("activity:audit.confirmed", {
            count: found.confirmedBySnapshots,
            n: count(found.confirmedBySnapshots),
          })}
      </p>
      <Problems problems={found.problems} />
    </Note>
  );
}

function Problems({ problems }: { problems: string[] }) {
  const { t } = useTranslation();
  if (problems.length === 0) {
    return null;
  }
  return (
    <details>
      <summary>{t("activity:audit.remarks", { count: problems.length, n: count(problems.length) })}</summary>
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </details>
  );
}
