/** How the last check of a vault ended, in words and with the shape for it. */
import type { VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { age, decimal } from "../i18n/format";
import { type Status, StatusGlyph, statusColor, verdictStatus } from "./StatusGlyph";
import { useNow } from "./useNow";
import css from "./VaultCheck.module.css";

/** How the last check ended, in words, with the shape for it. */
export function useCheckWords(): (vault: VaultHealth) => { status: Status; words: string } {
  const { t } = useTranslation();
  const now = useNow();
  return ({ checked, checkedShare }) => {
    if (!checked) {
      return { status: "none", words: t("vaults:check.never") };
    }
    const time = age(checked.started, now);
    if (!checked.verdict) {
      return { status: "running", words: t("vaults:check.running") };
    }
    if (checked.verdict !== "complete") {
      const failed = checked.verdict === "failed";
      return {
        status: verdictStatus(checked.verdict),
        words: t(failed ? "vaults:check.failed" : "vaults:check.cancelled", { time }),
      };
    }
    if (checkedShare === 100) {
      return { status: "complete", words: t("vaults:check.full", { time }) };
    }
    return checkedShare
      ? {
          status: "complete",
          words: t("vaults:check.share", { share: decimal(checkedShare, checkedShare < 1 ? 1 : 0), time }),
        }
      : { status: "complete", words: t("vaults:check.structure", { time }) };
  };
}

/** A check with its glyph. */
export function CheckWords({ vault }: { vault: VaultHealth }) {
  const { status, words } = useCheckWords()(vault);
  return (
    <span className={css.check} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} /> <span>{words}</span>
    </span>
  );
}
