/** `+6 ~41 −2`: new, edited, gone, in neutral ink, with words for screen readers. */
import type { ChangeCounts } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";

/** The three numbers; `0` when nothing changed. */
export function ChangeFigures({ counts }: { counts: Pick<ChangeCounts, "added" | "changed" | "removed"> }) {
  const { t } = useTranslation();
  const { added, changed, removed } = counts;
  const parts = [
    added > 0 && `+${count(added)}`,
    changed > 0 && `~${count(changed)}`,
    removed > 0 && `−${count(removed)}`,
  ].filter(Boolean);
  const words = t("snapshots:figures", { added: count(added), changed: count(changed), removed: count(removed) });
  return (
    <span>
      <span aria-hidden title={words} className={parts.length ? "strong" : "quiet"}>
        {parts.join(" ") || "0"}
      </span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
