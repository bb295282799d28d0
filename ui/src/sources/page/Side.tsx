/** Beside the timeline: what is missing from the newest backup, how it grew, and facts. */
import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import type { RunPoint, SourceHealth } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, count, duration, moment } from "../../i18n/format";
import { holdings } from "../../shared/holdings";
import { Note } from "../../shared/Note";
import { paths } from "../../shared/paths";
import { useNow } from "../../shared/useNow";
import { gapCount, worstRun } from "../../shared/worstRun";
import css from "./page.module.css";
import { median, type Range } from "./range";

const SizeChart = lazy(() => import("./SizeChart"));
const SHOWN = 2;

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

/** Facts about a source. */
export function SourceFacts({ source, points }: { source: SourceHealth; points: RunPoint[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const typical = median(
    points.flatMap((point) => (point.verdict === "complete" && point.seconds != null ? [point.seconds] : [])),
  );
  const saved = points.filter((point) => point.snapshot).length;
  const facts: [string, string][] = [
    ["good", lastGood(source, now) ?? t("sources:noneYet")],
    ["holds", holdings(source.holds, t)],
    ["size", source.holds ? bytes(source.holds.bytes) : ""],
    ["typical", typical === undefined ? "" : duration(typical)],
    ["backups", saved > 0 ? count(saved) : ""],
    ["since", moment(source.source.created, now)],
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

/** The column at the right. */
export function Side({ source, points, range }: { source: SourceHealth; points: RunPoint[]; range: Range }) {
  const { t } = useTranslation();
  const saved = points.filter((point) => point.snapshot);
  const stored = saved.reduce((sum, point) => sum + point.stored, 0);
  return (
    <div className={css.sideRest}>
      {saved.length > 1 && (
        <section aria-labelledby="size-title">
          <div className={css.sizeHead}>
            <h2 id="size-title">{t("sources:size.title")}</h2>
            <span className="note">{t(`sources:range.${range}`)}</span>
          </div>
          <Suspense fallback={<div className={css.chart} />}>
            <SizeChart points={saved} />
          </Suspense>
          <div className="note">
            {t("sources:size.line", { count: saved.length, n: count(saved.length), bytes: bytes(stored) })}
          </div>
        </section>
      )}
      <SourceFacts source={source} points={points} />
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
