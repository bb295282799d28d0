/** Beside the timeline: what is missing from the newest backup, how it grew, and facts. */
import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { type HoldRow, type RunPoint, type SourceFigures, type SourceHealth, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, calendarDay, count, duration, moment, percent } from "../../i18n/format";
import { holdings } from "../../shared/holdings";
import { Note } from "../../shared/Note";
import { paths } from "../../shared/paths";
import { useNow } from "../../shared/useNow";
import { gapCount, worstRun } from "../../shared/worstRun";
import css from "./page.module.css";
import { median } from "./range";

const SizeChart = lazy(() => import("./SizeChart"));
const SHOWN = 2;
const DAYS = 30;

function lastGood(source: SourceHealth, now: Date): string | undefined {
  return source.lastGood ? moment(source.lastGood.time, now) : undefined;
}

function Gaps({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const total = gapCount(source);
  const run = worstRun(source);
  const good = lastGood(source, now);
  const listed = open ? source.gaps : source.gaps.slice(0, SHOWN);
  return (
    <Note status="partial" title={t("sources:gaps.title", { count: total, n: count(total) })}>
      <p>
        {t("sources:gaps.line", {
          count: total,
          n: count(total),
          time: run ? moment(run.time, now) : "",
        })}{" "}
        {good ? t("sources:gaps.good", { time: good }) : t("sources:gaps.noGood")}
      </p>
      <ul className={css.gaps}>
        {listed.map((gap) => (
          <li key={gap.subject}>
            <span className="mono">{gap.subject}</span>
            <span className="note">{gap.message}</span>
          </li>
        ))}
      </ul>
      {total > SHOWN && !open && (
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
          {t("sources:gaps.see", { count: total, n: count(total) })}
        </Button>
      )}
      {open && total > source.gaps.length && run && (
        <Link to={paths.run(run.run)}>{t("sources:gaps.all", { count: total, n: count(total) })}</Link>
      )}
    </Note>
  );
}

/** The note about the newest run, if it is not complete. */
export function NewestNote({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const now = useNow();
  if (source.health === "partial") {
    return <Gaps source={source} />;
  }
  if (source.health !== "failed" && source.health !== "cancelled") {
    return null;
  }
  const good = lastGood(source, now);
  const run = worstRun(source);
  return (
    <Note
      status={source.health === "failed" ? "failed" : "paused"}
      title={t(`sources:newest.${source.health}`, { time: run ? moment(run.time, now) : "" })}
    >
      {run?.reason && <p>{run.reason[1]}</p>}
      <p>{good ? t("sources:newest.good", { time: good }) : t("sources:newest.noGood")}</p>
    </Note>
  );
}

interface FactsProps {
  source: SourceHealth;
  points: RunPoint[];
  figures: SourceFigures | undefined;
  hold: HoldRow | undefined;
}

/** Facts about a source. */
export function SourceFacts({ source, points, figures, hold }: FactsProps) {
  const { t } = useTranslation();
  const now = useNow();
  const typical = median(
    points.flatMap((point) => (point.verdict === "complete" && point.seconds != null ? [point.seconds] : [])),
  );
  const saved = points.filter((point) => point.snapshot).length;
  const percentage = figures?.successPercent;
  const facts: [string, string][] = [
    ["good", lastGood(source, now) ?? t("sources:noneYet")],
    ["promise", source.promiseMinutes ? t("sources:fact.every", { time: duration(source.promiseMinutes * 60) }) : ""],
    [
      "complete",
      percentage == null ? "" : t("sources:fact.ofDays", { share: percent(percentage, 100, 1), days: DAYS }),
    ],
    ["before", hold?.beforeTime ? moment(hold.beforeTime, now) : ""],
    ["retention", hold ? t("sources:fact.onHold", { time: moment(hold.at, now) }) : ""],
    ["typical", typical === undefined ? "" : duration(typical)],
    ["drill", figures?.drilled ? moment(figures.drilled, now) : t("sources:fact.never")],
    ["back", figures?.rtoSeconds != null ? duration(figures.rtoSeconds) : ""],
    ["holds", holdings(source.holds, t)],
    ["size", source.holds ? bytes(source.holds.bytes) : ""],
    ["backups", saved > 0 ? count(saved) : ""],
    ["since", calendarDay(source.source.created)],
  ];
  return (
    <dl className={css.facts}>
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{t(`sources:fact.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Size({ figures }: { figures: SourceFigures }) {
  const { t } = useTranslation();
  const sized = figures.days.filter((day) => day.size != null);
  if (sized.length < 2) {
    return null;
  }
  const stored = figures.days.reduce((sum, day) => sum + day.stored, 0);
  return (
    <section aria-labelledby="size-title">
      <div className={css.sizeHead}>
        <h2 id="size-title">{t("sources:size.title")}</h2>
        <span className="note">{t("sources:size.days", { n: DAYS })}</span>
      </div>
      <Suspense fallback={<div className={css.chart} />}>
        <SizeChart days={figures.days} />
      </Suspense>
      <ul className={css.legend}>
        <li data-series="size">
          {t("sources:size.source")} <strong>{bytes(sized.at(-1)?.size ?? 0)}</strong>
        </li>
        <li data-series="stored">
          {t("sources:size.stored")} <strong>{bytes(stored)}</strong>
        </li>
      </ul>
    </section>
  );
}

/** What the column needs. */
export interface SideProps {
  source: SourceHealth;
  points: RunPoint[];
  /** Alarms that were not answered. */
  holds: HoldRow[];
}

/** The column at the right. */
export function Side({ source, points, holds }: SideProps) {
  const { t } = useTranslation();
  const query = useCall("figures", { source: source.source.name, days: DAYS }, { silent: true });
  const figures = query.data?.sources[0];
  return (
    <div className={css.sideRest}>
      {figures && <Size figures={figures} />}
      <SourceFacts source={source} points={points} figures={figures} hold={holds[0]} />
      <p className={css.keys}>
        {(["Enter", "C", "R"] as const).map((key) => (
          <span key={key}>
            <kbd>{key}</kbd> {t(`sources:key.hint${key}`)}
          </span>
        ))}
      </p>
    </div>
  );
}
