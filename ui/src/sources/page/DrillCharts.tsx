/** Two charts of the drills: how long it took to bring everything back, and how old the newest good backup was. Fetched when shown. */
import { AreaChart, BarChart } from "@mantine/charts";
import type { DrillRow } from "../../api";
import { useTranslation } from "../../i18n";
import { duration, shortDay, weekdayMonth } from "../../i18n/format";
import { localDay } from "../../shared/days";
import css from "./drills.module.css";

const SHOWN = 12;
/** Room for the word on the line; the table beside it is what the keyboard and screen readers get. */
const chart = { margin: { top: 18 }, accessibilityLayer: false };

interface TableProps {
  caption: string;
  head: [string, string];
  rows: [string, string][];
}

function HiddenTable({ caption, head, rows }: TableProps) {
  return (
    <table className="visually-hidden">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{head[0]}</th>
          <th scope="col">{head[1]}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([when, what]) => (
          <tr key={when}>
            <th scope="row">{when}</th>
            <td>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function reference(y: number | null | undefined, label: string) {
  return y == null
    ? []
    : [
        {
          y,
          label,
          color: "var(--bs-line-strong)",
          labelPosition: "insideBottomLeft" as const,
          strokeDasharray: "4 4",
          ifOverflow: "extendDomain" as const,
        },
      ];
}

/** Recovery time, oldest first. `drills` are newest first, full ones only. */
export function RecoveryChart({
  drills,
  targetMinutes,
}: {
  drills: DrillRow[];
  targetMinutes?: number | null | undefined;
}) {
  const { t } = useTranslation();
  const data = drills
    .slice(0, SHOWN)
    .reverse()
    .map((drill) => ({ when: drill.started, minutes: drill.seconds / 60 }));
  const target = targetMinutes ? t("sources:drills.target", { time: duration(targetMinutes * 60) }) : "";
  return (
    <div className={css.chart} role="group" aria-label={t("sources:drills.recovery")}>
      <div aria-hidden>
        <BarChart
          h={128}
          data={data}
          dataKey="when"
          series={[{ name: "minutes", label: t("sources:drills.took"), color: "var(--bs-running-mark)" }]}
          withYAxis={false}
          gridAxis="none"
          maxBarWidth={18}
          valueFormatter={(value) => duration(value * 60)}
          referenceLines={reference(targetMinutes, target)}
          xAxisProps={{ tickFormatter: (time: string) => shortDay(time, false), interval: "preserveStartEnd" }}
          tooltipProps={{ labelFormatter: (label) => weekdayMonth(String(label)) }}
          barProps={{ isAnimationActive: false }}
          barChartProps={chart}
        />
      </div>
      <HiddenTable
        caption={t("sources:drills.recovery")}
        head={[t("sources:drills.when"), t("sources:drills.took")]}
        rows={data.map((one) => [weekdayMonth(one.when), duration(one.minutes * 60)])}
      />
    </div>
  );
}

/** Age of the newest good backup at the end of each day. */
export function AgeChart({
  ages,
  promiseMinutes,
}: {
  ages: [string, number][];
  promiseMinutes?: number | null | undefined;
}) {
  const { t } = useTranslation();
  const data = ages.map(([day, minutes]) => ({ day, hours: minutes / 60 }));
  const promise = promiseMinutes ? t("sources:drills.promised", { time: duration(promiseMinutes * 60) }) : "";
  return (
    <div className={css.chart} role="group" aria-label={t("sources:drills.ages")}>
      <div aria-hidden>
        <AreaChart
          h={128}
          data={data}
          dataKey="day"
          series={[{ name: "hours", label: t("sources:drills.age"), color: "var(--bs-running-mark)" }]}
          curveType="linear"
          withDots={data.length < 3}
          withYAxis={false}
          gridAxis="none"
          strokeWidth={1.6}
          fillOpacity={0.12}
          withGradient={false}
          valueFormatter={(value) => duration(Math.round(value * 60) * 60)}
          referenceLines={reference(promiseMinutes == null ? null : promiseMinutes / 60, promise)}
          xAxisProps={{
            tickFormatter: (day: string) => shortDay(localDay(day), false),
            interval: "preserveStartEnd",
            minTickGap: 48,
          }}
          tooltipProps={{ labelFormatter: (day) => weekdayMonth(localDay(String(day))) }}
          areaProps={{ isAnimationActive: false }}
          areaChartProps={chart}
        />
      </div>
      <HiddenTable
        caption={t("sources:drills.ages")}
        head={[t("sources:drills.when"), t("sources:drills.age")]}
        rows={data.map((one) => [weekdayMonth(localDay(one.day)), duration(Math.round(one.hours * 60) * 60)])}
      />
    </div>
  );
}
