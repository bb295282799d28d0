/** A state with its word, on its own ground: beside titles. */
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type Status, StatusGlyph, statusColor } from "./StatusGlyph";
import css from "./VerdictPill.module.css";

/** A state and how to say it. */
export interface VerdictPillProps {
  status: Status;
  /** Instead of the state's own word ("Cancelled" has the shape of *paused*). */
  word?: string;
  /** Named after the word, if there are any. */
  gaps?: number;
  /** Without ground and padding: in table rows. */
  plain?: boolean;
}

/** Shape, word and, if any, the number of gaps. */
export function VerdictPill({ status, word, gaps = 0, plain = false }: VerdictPillProps) {
  const { t } = useTranslation();
  const tint = statusColor(status, "tint");
  return (
    <span
      className={css.pill}
      data-plain={plain || undefined}
      style={{ color: statusColor(status, "ink"), ...(plain ? {} : { background: tint }) }}
    >
      <StatusGlyph status={status} {...(plain ? {} : { ground: tint })} />
      <span>{word ?? t(`common:status.${status}`)}</span>
      {gaps > 0 &&
        (plain ? (
          <span className={css.gaps}>{t("common:gaps", { count: gaps, n: count(gaps) })}</span>
        ) : (
          ` · ${t("common:gaps", { count: gaps, n: count(gaps) })}`
        ))}
    </span>
  );
}
