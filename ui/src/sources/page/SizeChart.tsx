/** How much the backups of a source added to its vaults, summed up over time. Fetched only when it is shown. */
import { AreaChart } from "@mantine/charts";
import type { RunPoint } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, shortDay } from "../../i18n/format";
import css from "./page.module.css";

const MOST = 120;

/** Sums by time; long series are thinned, the last value stays. */
export function growth(points: RunPoint[]): { time: string; stored: number }[] {
  let sum = 0;
  const all = points.map((point) => {
    sum += point.stored;
    return { time: point.time, stored: sum };
  });
  const step = Math.ceil(all.length / MOST);
  return all.filter((_, index) => index % step === 0 || index === all.length - 1);
}

/** The chart. */
export default function SizeChart({ points }: { points: RunPoint[] }) {
  const { t } = useTranslation();
  const data = growth(points);
  const last = data.at(-1);
  return (
    <div className={css.chart} role="img" aria-label={t("sources:size.chart", { bytes: bytes(last?.stored ?? 0) })}>
      <AreaChart
        h={112}
        data={data}
        dataKey="time"
        series={[{ name: "stored", label: t("sources:size.series"), color: "var(--bs-running-mark)" }]}
        curveType="linear"
        withDots={false}
        withYAxis={false}
        gridAxis="none"
        strokeWidth={1.6}
        fillOpacity={0.14}
        withGradient={false}
        valueFormatter={(value) => bytes(value)}
        xAxisProps={{
          tickFormatter: (time: string) => shortDay(time, false),
          interval: "preserveStartEnd",
          minTickGap: 60,
        }}
        tooltipProps={{ labelFormatter: (label) => shortDay(String(label), false) }}
        areaProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
