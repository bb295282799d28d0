/** What is missing from the chosen backup, before anybody counts on it. */
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";
import css from "./PointGaps.module.css";
import { useContent } from "./useContent";
import { useWizard } from "./wizard";

const SHOWN = 100;

/** Nothing for a complete backup; a list for a partial one. */
export function PointGaps() {
  const { t } = useTranslation();
  const { draft } = useWizard();
  const content = useContent(draft.at);
  const gaps = content.data?.metadata?.gaps ?? [];
  if (gaps.length === 0) {
    return null;
  }
  return (
    <Note status="partial" title={t("restore:when.gaps", { count: gaps.length, n: count(gaps.length) })}>
      <p>{t("restore:when.gapsLine")}</p>
      <details className={css.details}>
        <summary>{t("restore:when.showGaps")}</summary>
        <ul className={css.list}>
          {gaps.slice(0, SHOWN).map((gap) => (
            <li key={gap.subject}>
              <span className="mono">{gap.subject}</span>
              <span className="quiet">{gap.message}</span>
            </li>
          ))}
          {gaps.length > SHOWN && (
            <li>{t("restore:moreGaps", { count: gaps.length - SHOWN, n: count(gaps.length - SHOWN) })}</li>
          )}
        </ul>
      </details>
    </Note>
  );
}
