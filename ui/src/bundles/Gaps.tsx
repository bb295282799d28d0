/** What is missing from a bundle, by name. */
import type { Gap } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";
import css from "./BundlePage.module.css";

/** Names shown; a plan for the whole bundle names all. */
const SHOWN = 100;

/** Nothing, where nothing is missing. */
export function Gaps({ gaps, foreign }: { gaps: Gap[]; foreign: boolean }) {
  const { t } = useTranslation();
  if (gaps.length === 0) {
    return null;
  }
  const title = foreign ? "bundles:foreign.gaps" : "bundles:gaps";
  return (
    <Note status="partial" title={t(title, { count: gaps.length, n: count(gaps.length) })}>
      <p>{t(foreign ? "bundles:foreign.gapsLine" : "bundles:gapsLine")}</p>
      <ul className={css.damage}>
        {gaps.slice(0, SHOWN).map((gap, at) => (
          <li key={at}>
            <span className="mono">{gap.subject}</span> {gap.message}
          </li>
        ))}
        {gaps.length > SHOWN && (
          <li>{t("bundles:more", { count: gaps.length - SHOWN, n: count(gaps.length - SHOWN) })}</li>
        )}
      </ul>
    </Note>
  );
}
