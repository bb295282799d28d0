/** A value in a cell: one line, the kinds told apart by form. */
import { useTranslation } from "../i18n";
import css from "./RecordsTable.module.css";
import { jsonText, kindOf, plain } from "./values";

/** Texts in cells are cut here; the record shows all. */
const MOST = 300;

/** One cell. An empty title shows `fallback`. */
export function CellValue({
  value,
  title = false,
  fallback,
}: {
  value: unknown;
  title?: boolean;
  fallback?: string | undefined;
}) {
  const { t } = useTranslation();
  const kind = kindOf(value);
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
