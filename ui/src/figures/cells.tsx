/** Cells of the table of figures: each a figure, most with a small chart beneath. */
import { Progress } from "@mantine/core";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo } from "react";
import { Link } from "react-router";
import type { SourceFigures } from "../api";
import { useTranslation } from "../i18n";
import { bytes, clock, count, duration, exact, percent, sameDay, shortDay } from "../i18n/format";
import { Age } from "../shared/Age";
import { paths } from "../shared/paths";
import { SourceIcon } from "../shared/SourceIcon";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { type Day, filled, ran, thinned } from "./daily";
import css from "./figures.module.css";
import { figuresStatus, lastSize, storedSum, usualSeconds } from "./rows";
import { RunStrip, Spark } from "./Spark";

const STRIP = 30;
const LINE = 60;

/** A cell of two lines: the figure, and its chart. */
function Two({ value, title, children }: { value: ReactNode; title?: string; children?: ReactNode }) {
  return (
    <div className={css.two}>
      <div className={css.value} title={title}>
        {value}
      </div>
      <div className={css.under}>{children}</div>
    </div>
  );
}

/** The age of the last good backup, against what was promised. */
export function Good({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const { rpoMinutes, promiseMinutes, lastGood } = source;
  if (!lastGood) {
    return <Two value={<span className="quiet">{t("figures:table.noGood")}</span>} />;
  }
  const part = promiseMinutes && rpoMinutes != null ? (rpoMinutes * 100) / promiseMinutes : undefined;
  return (
    <Two value={<Age time={lastGood} />}>
      {part === undefined || !promiseMinutes ? (
        <span className="note">{t("figures:table.noPromise")}</span>
      ) : (
        <Progress
          className={css.promise}
          value={Math.min(100, part)}
          color={part > 100 ? "var(--bs-overdue-mark)" : "var(--bs-running-mark)"}
          aria-label={t("figures:table.ofPromise", {
            share: count(Math.round(part)),
            time: duration(promiseMinutes * 60),
          })}
          title={t("figures:table.promised", { time: duration(promiseMinutes * 60) })}
        />
      )}
    </Two>
  );
}

/** When it is backed up next. */
export function Next({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const now = useNow();
  const { next } = source;
  if (!next) {
    return <Two value={<span className="quiet">{t("figures:table.byHand")}</span>} />;
  }
  const due = new Date(next) <= now;
  return (
    <Two value={due ? t("figures:table.now") : clock(next)} title={exact(next)}>
      <span className="note">{due || sameDay(next, now) ? "" : shortDay(next)}</span>
    </Two>
  );
}

function runsWords(days: Day[], t: TFunction): string {
  const sum = (name: keyof Day["runs"]) => days.reduce((all, day) => all + day.runs[name], 0);
  return t("figures:table.runs", {
    complete: count(sum("complete")),
    partial: count(sum("partial")),
    failed: count(sum("failed")),
  });
}

function trend(values: (number | undefined)[], words: (value: number) => string, t: TFunction, what: string): string {
  const known = values.filter((value): value is number => value !== undefined);
  return t("figures:table.trend", { what, from: words(known[0] ?? 0), to: words(known.at(-1) ?? 0) });
}

/** Days of one source, thinned for its charts. */
function series(source: SourceFigures, names: string[]) {
  const days = filled(source.days, names);
  const lines = thinned(days, LINE);
  const seconds = source.days.map((day) => day.seconds ?? undefined);
  const step = Math.ceil(seconds.length / LINE);
  return {
    days,
    strip: thinned(days, STRIP),
    size: lines.map((day) => (day.size > 0 ? day.size : undefined)),
    stored: lines.map((day) => day.stored),
    took: seconds.filter((_, at) => step <= 1 || at % step === 0),
  };
}

/** A figure over its chart. */
export function Charted({ id, source, names }: { id: string; source: SourceFigures; names: string[] }) {
  const { t } = useTranslation();
  const lines = useMemo(() => series(source, names), [source, names]);
  const label = (values: (number | undefined)[], words: (value: number) => string) =>
    trend(values, words, t, t(`figures:table.${id}`));
  const took = usualSeconds(source);
  const size = lastSize(source);
  switch (id) {
    case "complete":
      return (
        <Two
          value={
            source.successPercent == null
              ? "–"
              : percent(source.successPercent, 100, source.successPercent < 100 ? 1 : 0)
          }
          title={runsWords(lines.days, t)}
        >
          {lines.days.some((day) => ran(day.runs) > 0) && (
            <RunStrip days={lines.strip} label={runsWords(lines.days, t)} />
          )}
        </Two>
      );
    case "size":
      return (
        <Two value={size === undefined ? "–" : bytes(size)}>
          <Spark values={lines.size} label={label(lines.size, bytes)} />
        </Two>
      );
    case "stored":
      return (
        <Two value={bytes(storedSum(source))}>
          <Spark values={lines.stored} label={label(lines.stored, bytes)} />
        </Two>
      );
    case "took":
      return (
        <Two value={took === undefined ? "–" : duration(took)}>
          <Spark values={lines.took} label={label(lines.took, duration)} />
        </Two>
      );
    default: {
      const drills = source.drills.map(([, seconds]) => seconds);
      return (
        <Two
          value={
            source.rtoSeconds == null ? (
              <span className="quiet">{t("figures:table.never")}</span>
            ) : (
              duration(source.rtoSeconds)
            )
          }
          {...(source.drilled ? { title: exact(source.drilled) } : {})}
        >
          <Spark values={drills} label={label(drills, duration)} />
        </Two>
      );
    }
  }
}

/** The source, as a link for pointers; the table opens rows by keyboard. */
export function Name({ source }: { source: SourceFigures }) {
  return (
    <div className={css.name}>
      <SourceIcon kind={source.kind} />
      <Link to={paths.source(source.source)} className="clip strong" title={source.source} tabIndex={-1}>
        {source.source}
      </Link>
    </div>
  );
}

/** The worst that is true of it. */
export function State({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const status = figuresStatus(source);
  const word = source.health === "cancelled" && status === "paused" ? "cancelled" : status;
  return (
    <span className={css.state} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} />
      <span className="clip">{t(`common:status.${word}`)}</span>
    </span>
  );
}
