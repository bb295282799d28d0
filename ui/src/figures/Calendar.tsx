/** A calendar of runs: one field for each day. */
import { Heatmap } from "@mantine/charts";
import type { TFunction } from "i18next";
import type { Verdict } from "../api/generated";
import { useTranslation } from "../i18n";
import { count, shortWeekday, weekdayMonth } from "../i18n/format";
import { localDay } from "../shared/days";
import { statusColor, verdictStatus } from "../shared/StatusGlyph";
import { ChartTable } from "./ChartTable";
import { type Day, ran, verdicts } from "./daily";
import css from "./figures.module.css";

/** What happened on a day: `4 complete, 1 failed`. */
function dayWords(day: Day | undefined, t: TFunction): string {
  if (!day || ran(day.runs) === 0) {
    return t("common:stay.missed");
  }
  return verdicts
    .filter((verdict) => day.runs[verdict] > 0)
    .map((verdict) =>
      t("common:stay.runs", {
        count: day.runs[verdict],
        n: count(day.runs[verdict]),
        verdict: t(`common:status.${verdict}`).toLowerCase(),
      }),
    )
    .join(", ");
}

/** One bad run of hundreds is seen, and looks like less than a bad day. */
export function strength({ runs }: Day): number {
  const bad = runs.partial + runs.failed;
  return bad === 0 ? 1 : Math.min(1, 0.4 + (3 * bad) / Math.max(1, ran(runs)));
}

/** Not by colour alone: partial days are round, failed ones have corners. */
function corner(verdict: Verdict, size: number): number {
  return verdict === "partial" ? size / 2 : verdict === "failed" ? 0 : 3;
}

/** The worst run of each day, by weeks. */
export function Calendar({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const by = new Map(days.map((day) => [day.day, day]));
  const size = days.length <= 100 ? 18 : 11;
  const look = (date: string) => {
    const day = by.get(date);
    return day?.worst
      ? { fill: statusColor(verdictStatus(day.worst), "mark"), fillOpacity: strength(day), rx: corner(day.worst, size) }
      : { fill: "var(--bs-sunken)" };
  };
  // 4 January 2026 is a Sunday.
  const weekdays = Array.from({ length: 7 }, (_, at) => shortWeekday(new Date(2026, 0, 4 + at, 12)));
  const months = Array.from({ length: 12 }, (_, at) =>
    new Date(2026, at, 15).toLocaleDateString(document.documentElement.lang || "en", { month: "short" }),
  );
  return (
    <section
      className={`card ${css.chart} ${css.months}`}
      data-long={days.length > 100 || undefined}
      aria-label={t("figures:chart.calendar")}
    >
      <h2>{t("figures:chart.calendar")}</h2>
      <p className="note">{t("figures:chart.calendarAbout")}</p>
      <div className={css.calendar} aria-hidden>
        <Heatmap
          data={Object.fromEntries(days.map((day) => [day.day, ran(day.runs)]))}
          startDate={days[0]?.day ?? ""}
          endDate={days.at(-1)?.day ?? ""}
          withOutsideDates={false}
          withWeekdayLabels
          weekdayLabels={weekdays}
          withMonthLabels
          monthLabels={months}
          rectSize={size}
          rectRadius={3}
          gap={2}
          fontSize={11}
          withTooltip
          getTooltipLabel={({ date }) => `${weekdayMonth(localDay(date))}: ${dayWords(by.get(date), t)}`}
          getRectProps={({ date }) => look(date)}
        />
        <ul className={css.legend}>
          {verdicts.map((verdict) => (
            <li key={verdict}>
              <span
                style={{ background: statusColor(verdictStatus(verdict), "mark"), borderRadius: corner(verdict, 11) }}
              />
              {t(`common:status.${verdict}`)}
            </li>
          ))}
          <li>
            <span style={{ background: "var(--bs-sunken)" }} />
            {t("common:stay.missed")}
          </li>
        </ul>
      </div>
      <ChartTable
        caption={t("figures:chart.calendar")}
        head={[t("figures:chart.day"), t("common:stay.result")]}
        rows={days.map((day) => [weekdayMonth(localDay(day.day)), dayWords(day, t)])}
      />
    </section>
  );
}
