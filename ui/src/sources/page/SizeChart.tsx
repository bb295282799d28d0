/** How large the source was, and what its backups added to the vaults, day by day. Fetched only when it is shown. */
import { AreaChart } from "@mantine/charts";
import type { DayPoint } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, shortDay } from "../../i18n/format";
import { localDay } from "../../shared/days";
import css from "./page.module.css";

/** The chart. */
export default function SizeChart({ days }: { days: DayPoint[] }) {
  const { t } = useTranslation();
  let stored = 0;
  let size = days.find((day) => day.size != null)?.size ?? 0;
  const data = days.map((day) => {
    stored += day.stored;
    size = day.size ?? size;
    return { day: day.day, size, stored };
  });
  const last = data.at(-1);
  return (
    <div
      className={css.chart}
      role="img"
      aria-label={t("sources:size.chart", { size: bytes(last?.size ?? 0), stored: bytes(last?.stored ?? 0) })}
    >
      <AreaChart
        h={112}
        data={data}
        dataKey="day"
        series={[
          { name: "size", label: t("sources:size.source"), color: "var(--bs-running-mark)" },
          { name: "stored", label: t("sources:size.stored"), color: "var(--bs-rope)" },
        ]}
        curveType="linear"
        withDots={false}
        withYAxis={false}
        gridAxis="none"
        strokeWidth={1.6}
        fillOpacity={0.14}
        withGradient={false}
        valueFormatter={(value) => bytes(value)}
        xAxisProps={{
          tickFormatter: (day: string) => shortDay(localDay(day), false),
          interval: "preserveStartEnd",
          minTickGap: 60,
        }}
        tooltipProps={{ labelFormatter: (day) => shortDay(localDay(String(day)), false) }}
        areaProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
