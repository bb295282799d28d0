/** The facts of all sources together. */
import type { TFunction } from "i18next";
import type { FiguresReply } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count, duration, percent } from "../i18n/format";
import css from "./figures.module.css";

interface Fact {
  label: string;
  value: string;
  of: string;
}

function share(value: number): string {
  return percent(value, 100, value < 100 ? 1 : 0);
}

function facts(reply: FiguresReply, t: TFunction): Fact[] {
  const oldest = reply.sources.reduce<FiguresReply["sources"][number] | undefined>(
    (found, one) => ((one.rpoMinutes ?? -1) > (found?.rpoMinutes ?? -1) ? one : found),
    undefined,
  );
  const tried = reply.sources.filter((source) => source.rtoSeconds != null);
  const seconds = tried.reduce((sum, source) => sum + (source.rtoSeconds ?? 0), 0);
  const [over, kept] = reply.moments;
  const ended = reply.runs.complete + reply.runs.partial + reply.runs.failed;
  return [
    {
      label: t("figures:fact.lose"),
      value: reply.rpoMinutes == null ? "–" : duration(reply.rpoMinutes * 60),
      of:
        oldest && reply.rpoMinutes != null ? t("figures:fact.of", { name: oldest.source }) : t("figures:fact.noBackup"),
    },
    {
      label: t("figures:fact.back"),
      value: tried.length === 0 ? t("figures:fact.never") : duration(seconds),
      of:
        tried.length === 0
          ? ""
          : reply.neverDrilled > 0
            ? t("figures:fact.without", { count: reply.neverDrilled, n: count(reply.neverDrilled) })
            : t("figures:fact.byDrills", { count: tried.length, n: count(tried.length) }),
    },
    {
      label: t("figures:fact.complete"),
      value: reply.successPercent == null ? "–" : share(reply.successPercent),
      of: t("figures:fact.ofRuns", { count: ended, n: count(ended) }),
    },
    {
      label: t("figures:fact.onTime"),
      value: over === 0 ? "–" : percent(kept, over, kept < over ? 1 : 0),
      of: over === 0 ? t("figures:fact.noPlan") : t("figures:fact.ofMoments", { count: over, n: count(over) }),
    },
    {
      label: t("figures:fact.used"),
      value: reply.used == null ? "–" : bytes(reply.used),
      of: t("figures:fact.allVersions"),
    },
  ];
}

/** The facts. */
export function OverallFacts({ reply }: { reply: FiguresReply }) {
  const { t } = useTranslation();
  return (
    <dl className={`card ${css.facts}`}>
      {facts(reply, t).map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd title={`${fact.value} ${fact.of}`}>
            <strong>{fact.value}</strong> <span>{fact.of}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
