/** Four facts under the sentence, as long as nothing needs a person. Only what is known is shown. */
import type { TFunction } from "i18next";
import { type FiguresReply, useCall, type VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count, duration, percent } from "../i18n/format";
import { useNow } from "../shared/useNow";
import { gapCount } from "../shared/worstRun";
import css from "./Facts.module.css";
import type { Overall } from "./state";

interface Fact {
  label: string;
  value: string;
  of: string;
}

const SHOWN = 4;
const DAYS = 30;

/** An age without seconds or, from an hour on, minutes. */
export function coarse(time: string, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - new Date(time).getTime()) / 1000);
  return duration(seconds < 3600 ? Math.max(60, Math.round(seconds / 60) * 60) : Math.round(seconds / 3600) * 3600);
}

/** Time to get everything back, by the drills: the sum of those that were made, with those that were not. */
export function timeBack({ sources }: FiguresReply, t: TFunction): Fact | undefined {
  if (sources.length === 0) {
    return undefined;
  }
  const tried = sources.filter((source) => source.rtoSeconds != null);
  const never = sources.length - tried.length;
  const label = t("overview:fact.back");
  if (tried.length === 0) {
    return { label, value: t("overview:fact.neverTried"), of: "" };
  }
  return {
    label,
    value: duration(tried.reduce((sum, source) => sum + (source.rtoSeconds ?? 0), 0)),
    of:
      never > 0
        ? t("overview:fact.without", { count: never, n: count(never) })
        : t("overview:fact.byDrills", { count: tried.length, n: count(tried.length) }),
  };
}

function onTime({ moments: [over, kept] }: FiguresReply, t: TFunction): Fact | undefined {
  return over === 0
    ? undefined
    : {
        label: t("overview:fact.onTime"),
        value: percent(kept, over, kept < over ? 1 : 0),
        of: t("overview:fact.ofRuns", { count: over, n: count(over), days: DAYS }),
      };
}

/** The facts of the overview. */
export function Facts({ state, vaults }: { state: Overall; vaults: VaultHealth[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const query = useCall("figures", { days: DAYS }, { silent: true });
  const figures = query.data;
  // The places of what is still looked up are kept, so that nothing jumps.
  const later = (label: string) => (query.isPending ? { label, value: "…", of: "" } : undefined);
  const holds = state.rated.flatMap(({ source }) => (source.holds ? [source.holds] : []));
  const files = holds.reduce((sum, one) => sum + one.files, 0);
  const missing = state.rated.reduce((sum, { source }) => sum + gapCount(source), 0);
  const used = vaults.flatMap((vault) => (vault.used != null ? [vault.used] : []));
  const facts: (Fact | undefined)[] = [
    state.oldest && {
      label: t("overview:fact.lose"),
      value: coarse(state.oldest.point.time, now),
      of: t("overview:fact.of", { name: state.oldest.source.source.name }),
    },
    figures ? timeBack(figures, t) : later(t("overview:fact.back")),
  ];
  if (holds.length > 0) {
    facts.push({
      label: t("overview:fact.missing"),
      value: count(missing),
      of: files > 0 ? t("overview:fact.ofFiles", { count: files, n: count(files) }) : "",
    });
  }
  facts.push(figures ? onTime(figures, t) : later(t("overview:fact.onTime")));
  if (holds.length > 0) {
    facts.push({
      label: t("overview:fact.protected"),
      value: bytes(holds.reduce((sum, one) => sum + one.bytes, 0)),
      of: t("overview:fact.inSources", { count: holds.length, n: count(holds.length) }),
    });
  }
  if (used.length > 0) {
    facts.push({
      label: t("overview:fact.used"),
      value: bytes(used.reduce((sum, one) => sum + one, 0)),
      of: t("overview:fact.inVaults", { count: used.length, n: count(used.length) }),
    });
  }
  const shown = facts.filter((fact): fact is Fact => fact !== undefined).slice(0, SHOWN);
  if (shown.length === 0) {
    return null;
  }
  return (
    <dl className={`card ${css.facts}`}>
      {shown.map((fact) => (
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
