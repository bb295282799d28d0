/** Marks what belongs to the sample workspace, everywhere it is named. */
import { useTranslation } from "../i18n";
import css from "./SampleChip.module.css";

/** The chip. */
export function SampleChip() {
  const { t } = useTranslation();
  return <span className={css.chip}>{t("sources:sample")}</span>;
}
