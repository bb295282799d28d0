/** Four facts under the sentence, as long as nothing needs a person. Only what is known is shown. */
import type { VaultHealth } from "../api/generated";
import { useTranslation } from "../i18n";
import { bytes, count, duration } from "../i18n/format";
import { useNow } from "../shared/useNow";
import { gapCount } from "../shared/worstRun";
import css from "./Facts.module.css";
import type { Overall } from "./state";

interface Fact {
  label: string;
  value: string;
  of: string;
}

/** An age without seconds or, from an hour on, minutes. */
export function coarse(time: string, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - new Date(time).getTime()) / 1000);
  return duration(seconds < 3600 ? Math.max(60, Math.round(seconds / 60) * 60) : Math.round(seconds / 3600) * 3600);
}

/** The facts of the overview. */
export function Facts({ state, vaults }: { state: Overall; vaults: VaultHealth[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const holds = state.rated.flatMap(({ source }) => (source.holds ? [source.holds] : []));
  const files = holds.reduce((sum, one) => sum + one.files, 0);
  const missing = state.rated.reduce((sum, { source }) => sum + gapCount(source), 0);
  const used = vaults.flatMap((vault) => (vault.used != null ? [vault.used] : []));
  const facts: Fact[] = [];
  if (state.oldest) {
    facts.push({
      label: t("overview:fact.lose"),
      value: coarse(state.oldest.point.time, now),
      of: t("overview:fact.of", { name: state.oldest.source.source.name }),
    });
  }
  if (holds.length > 0) {
    facts.push(
      {
        label: t("overview:fact.missing"),
        value: count(missing),
        of: files > 0 ? t("overview:fact.ofFiles", { count: files, n: count(files) }) : "",
      },
      {
        label: t("overview:fact.protected"),
        value: bytes(holds.reduce((sum, one) => sum + one.bytes, 0)),
        of: t("overview:fact.inSources", { count: holds.length, n: count(holds.length) }),
      },
    );
  }
  if (used.length > 0) {
    facts.push({
      label: t("overview:fact.used"),
      value: bytes(used.reduce((sum, one) => sum + one, 0)),
      of: t("overview:fact.inVaults", { count: used.length, n: count(used.length) }),
    });
  }
  if (facts.length === 0) {
    return null;
  }
  return (
    <dl className={`card ${css.facts}`}>
      {facts.map((fact) => (
        <div key={fact.label} className={css.fact}>
          <dt>{fact.label}</dt>
          <dd>
            <strong>{fact.value}</strong> <span className={css.of}>{fact.of}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
