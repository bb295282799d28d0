/** A value in a cell: one line, the kinds told apart by form. */
import { useTranslation } from "../i18n";
import css from "./RecordsTable.module.css";
import { jsonText, kindOf, plain } from "./values";

/** Texts in cells are cut here; the record shows all. */
const MOST = 300;

/** What a cell shows. */
export interface CellValueProps {
  value: unknown;
  /** It names the record. */
  title?: boolean;
  /** Shown for an empty title. */
  fallback?: string | undefined;
  /** The record has vanished from its live source since the table was opened. */
  gone?: boolean;
}

/** One cell. */
export function CellValue({ value, title = false, fallback, gone = false }: CellValueProps) {
  const { t } = useTranslation();
  const kind = kindOf(value);
  if (gone) {
    return (
      <span className={css.quiet}>
        <s>{plain(value) || fallback}</s> {t("snapshots:value.gone")}
      </span>
    );
  }
  if (kind === "none") {
    return fallback ? (
      <span className={css.quiet}>{fallback}</span>
    ) : (
      <span className={css.quiet}>
        <span aria-hidden>—</span>
        <span className="visually-hidden">{t("snapshots:value.none")}</span>
      </span>
    );
  }
  if (kind === "json") {
    return <span className={css.mono}>{jsonText(value).slice(0, MOST)}</span>;
  }
  const text = plain(value).slice(0, MOST);
  return <span className={title ? css.strong : undefined}>{kind === "long" ? text.replace(/\s+/g, " ") : text}</span>;
}
