/** New, edited, gone: a sign on its own ground. */
import { IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";
import type { ChangeKind } from "../api";
import { useTranslation } from "../i18n";
import css from "./ChangeSign.module.css";

const signs = { added: IconPlus, changed: IconPencil, removed: IconMinus };

/** One sign; read aloud as a word unless a word stands beside it. */
export function ChangeSign({ change, silent = false }: { change: ChangeKind; silent?: boolean }) {
  const { t } = useTranslation();
  const Sign = signs[change];
  return (
    <span
      className={css.sign}
      data-change={change}
      {...(silent ? { "aria-hidden": true } : { role: "img", "aria-label": t(`compare:change.${change}`) })}
    >
      <Sign size="0.75rem" stroke={2.2} aria-hidden />
    </span>
  );
}
