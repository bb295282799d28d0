/** Charts of all sources together: how runs ended, how old good backups got, how much there is and how much was added. Fetched when shown. */
import { AreaChart, BarChart } from "@mantine/charts";
import type { ReactNode } from "react";
import { useTranslation } from "../i18n";
import { bytes, count, duration, shortDay, weekdayMonth } from "../i18n/format";
import { localDay } from "../shared/days";
import { statusColor, verdictStatus } from "../shared/StatusGlyph";
import { Calendar } from "./Calendar";
import { ChartTable } from "./ChartTable";
import { type Day, ran, thinned, verdicts } from "./daily";
import css from "./figures.module.css";

const HEIGHT = 132;
/** Beside the calendar. */
const TALL = 186;
const MOST_BARS = 62;

const axis = {
  tickFormatter: (day: string) => shortDay(localDay(day), false),
  interval: "preserveStartEnd" as const,
  minTickGap: 40,
};
const tooltip = { labelFormatter: (day: ReactNode) => weekdayMonth(localDay(String(day))) };
const calm = { isAnimationActive: false };
// The table beside each chart is what the keyboard and screen readers get.
const quiet = { accessibilityLayer: false };

interface FrameProps {
  title: string;
  about: string;
  table: { head: string[]; rows: string[][] };
  children: ReactNode;
}

function Frame({ title, about, table, children }: FrameProps) {
  return (
    <section className={`card ${css.chart}`} aria-label={title}>
      <h2>{title}</h2>
      <p className="note">{about}</p>
      <div aria-hidden>{children}</div>
      <ChartTable caption={title} {...table} />
    </section>
  );
}

function Runs({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const shown = thinned(days, MOST_BARS);
  const bad = days.reduce((sum, day) => sum + day.runs.partial + day.runs.failed, 0);
  const all = days.reduce((sum, day) => sum + ran(day.runs), 0);
  return (
    <Frame
      title={t("figures:chart.runs")}
      about={t("figures:chart.runsAbout", { count: all, n: count(all), bad: count(bad) })}
      table={{
        head: [t("figures:chart.day"), ...verdicts.map((verdict) => t(`common:status.${verdict}`))],
        rows: shown.map((day) => [
          weekdayMonth(localDay(day.day)),
          ...verdicts.map((verdict) => count(day.runs[verdict])),
        ]),
      }}
    >
      <BarChart
        h={TALL}
        data={shown.map((day) => ({ day: day.day, ...day.runs }))}
        dataKey="day"
        type="stacked"
        series={verdicts.map((verdict) => ({
          name: verdict,
          label: t(`common:status.${verdict}`),
          color: statusColor(verdictStatus(verdict), "mark"),
        }))}
        withYAxis={false}
        gridAxis="none"
        maxBarWidth={14}
        valueFormatter={(value) => count(value)}
        xAxisProps={axis}
        tooltipProps={tooltip}
        barProps={calm}
        barChartProps={quiet}
      />
    </Frame>
  );
}

function Ages({ days, promiseMinutes }: { days: Day[]; promiseMinutes: number | undefined }) {
  const { t } = useTranslation();
  const known = days.filter((day) => day.age !== undefined);
  const words = (minutes: number) => duration(Math.round(minutes) * 60);
  const most = Math.max(0, ...known.map((day) => day.age ?? 0));
  return (
    <Frame
      title={t("figures:chart.ages")}
      about={[
        known.length > 0 ? t("figures:chart.agesAbout", { time: words(most) }) : t("figures:chart.nothing"),
        promiseMinutes === undefined ? "" : t("figures:chart.promised", { time: words(promiseMinutes) }),
      ]
        .filter(Boolean)
        .join(" · ")}
      table={{
        head: [t("figures:chart.day"), t("figures:chart.age")],
        rows: known.map((day) => [weekdayMonth(localDay(day.day)), words(day.age ?? 0)]),
      }}
    >
      <AreaChart
        h={HEIGHT}
        data={known.map((day) => ({ day: day.day, age: day.age }))}
        dataKey="day"
        series={[{ name: "age", label: t("figures:chart.age"), color: "var(--bs-running-mark)" }]}
        curveType="linear"
        withDots={false}
        withYAxis={false}
        gridAxis="none"
        strokeWidth={1.6}
        fillOpacity={0.12}
        withGradient={false}
        valueFormatter={words}
        referenceLines={
          promiseMinutes === undefined
            ? []
            : [
                {
                  y: promiseMinutes,
                  color: "var(--bs-line-strong)",
                  strokeDasharray: "4 4",
                  ifOverflow: "extendDomain",
                },
              ]
        }
        xAxisProps={axis}
        tooltipProps={tooltip}
        areaProps={calm}
        areaChartProps={quiet}
      />
    </Frame>
  );
}

function Sizes({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const first = days.find((day) => day.size > 0)?.size ?? 0;
  const last = days.at(-1)?.size ?? 0;
  return (
    <Frame
      title={t("figures:chart.size")}
      about={t("figures:chart.sizeAbout", { from: bytes(first), to: bytes(last) })}
      table={{
        head: [t("figures:chart.day"), t("figures:chart.size")],
        rows: days.map((day) => [weekdayMonth(localDay(day.day)), bytes(day.size)]),
      }}
    >
      <AreaChart
        h={HEIGHT}
        data={days.map(({ day, size }) => ({ day, size }))}
        dataKey="day"
        series={[{ name: "size", label: t("figures:chart.size"), color: "var(--bs-running-mark)" }]}
        curveType="linear"
        withDots={false}
        withYAxis={false}
        gridAxis="none"
        strokeWidth={1.6}
        fillOpacity={0.12}
        withGradient={false}
        valueFormatter={(value) => bytes(value)}
        xAxisProps={axis}
        tooltipProps={tooltip}
        areaProps={calm}
        areaChartProps={quiet}
      />
    </Frame>
  );
}

function Stored({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const shown = thinned(days, MOST_BARS);
  const all = days.reduce((sum, day) => sum + day.stored, 0);
  return (
    <Frame
      title={t("figures:chart.stored")}
      about={t("figures:chart.storedAbout", { bytes: bytes(all) })}
      table={{
        head: [t("figures:chart.day"), t("figures:chart.stored")],
        rows: shown.map((day) => [weekdayMonth(localDay(day.day)), bytes(day.stored)]),
      }}
    >
      <BarChart
        h={HEIGHT}
        data={shown.map(({ day, stored }) => ({ day, stored }))}
        dataKey="day"
        series={[{ name: "stored", label: t("figures:chart.stored"), color: "var(--bs-running-mark)" }]}
        withYAxis={false}
        gridAxis="none"
        maxBarWidth={14}
        valueFormatter={(value) => bytes(value)}
        xAxisProps={axis}
        tooltipProps={tooltip}
        barProps={calm}
        barChartProps={quiet}
      />
    </Frame>
  );
}

/** All charts. `promiseMinutes` is drawn where all sources promise the same. */
export default function Charts({ days, promiseMinutes }: { days: Day[]; promiseMinutes: number | undefined }) {
  return (
    <>
      <div className={css.first}>
        <Calendar days={days} />
        <Runs days={days} />
      </div>
      <div className={css.charts}>
        <Ages days={days} promiseMinutes={promiseMinutes} />
        <Sizes days={days} />
        <Stored days={days} />
      </div>
    </>
  );
}
