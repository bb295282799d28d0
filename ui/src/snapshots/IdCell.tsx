/** The id of a record in a table, with what its database says about it: deleted, in conflict. */
import { IconGitFork } from "@tabler/icons-react";
import type { Row } from "../api";
import { useTranslation } from "../i18n";
import { CellValue } from "./CellValue";
import { isDeleted } from "./documents";
import css from "./RecordsTable.module.css";

/** One cell. */
export function IdCell({ row }: { row: Row }) {
  const { t } = useTranslation();
  const rivals = row.values._conflicts;
  const conflict = Array.isArray(rivals) ? rivals.length > 0 : typeof rivals === "string" && rivals !== "";
  const deleted = isDeleted(row.values);
  if (!conflict && !deleted) {
    return <CellValue value={row.id} gone={row.gone === true} />;
  }
  return (
    <span className={css.id}>
      <span className="clip">
        <CellValue value={row.id} gone={row.gone === true} />
      </span>
      {deleted && <span className={css.quiet}>{t("snapshots:record.deleted")}</span>}
      {conflict && (
        <span className={css.conflict} title={t("snapshots:others.inConflict")}>
          <IconGitFork size="0.875rem" aria-hidden />
          <span className="visually-hidden">{t("snapshots:others.inConflict")}</span>
        </span>
      )}
    </span>
  );
}
