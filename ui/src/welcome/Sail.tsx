/** Mast, sail and backstay with its knots: the picture of the first run. Decoration. */
import { useTranslation } from "../i18n";
import css from "./Sail.module.css";

/** The picture with its three lines of text. */
export function Sail() {
  const { t } = useTranslation();
  return (
    <aside className={css.side}>
      <svg viewBox="0 0 440 800" preserveAspectRatio="xMidYMax slice" className={css.picture} aria-hidden>
        <path d="M128 190C84 330 46 520 36 640c30 12 60 20 92 21z" className={css.sail} />
        <path d="M136 176V696" className={css.mast} />
        <path d="M136 180L404 698" className={css.rope} />
        <g className={css.knots}>
          <circle cx="190" cy="284" r="8" />
          <circle cx="232" cy="366" r="8" />
          <circle cx="275" cy="449" r="8" />
          <circle cx="318" cy="532" r="8" />
        </g>
        <circle cx="361" cy="615" r="10.5" className={css.next} />
        <path d="M0 740c60-14 110-2 170 0s110-14 170 2 80 8 100-2v60H0z" className={css.water} />
        <path d="M-10 700C110 716 300 716 450 696" className={css.deck} />
      </svg>
      <p className={css.name}>{t("common:app")}</p>
      <p className={css.text}>{t("welcome:saying")}</p>
    </aside>
  );
}
