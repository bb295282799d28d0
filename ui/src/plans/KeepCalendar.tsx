/** A year of backups, week by week: what stays, and what goes at the next clean-up. */
import { Button } from "@mantine/core";
import i18next from "i18next";
import { useMemo, useState } from "react";
import type { KeepDay } from "../api";
import { useTranslation } from "../i18n";
import { count, day as dayName, dayOffset } from "../i18n/format";
import { type Cell, CellGrid, type CellRow } from "./CellGrid";
import cells from "./CellGrid.module.css";
import { dayFrom, dayKind, dayText } from "./keep";
import css from "./keep.module.css";
import { Mark } from "./marks";
import { weekdays } from "./timetable";

const WEEKS = 52;

/** Monday of the week of a day. */
export function monday(date: Date): Date {
  return dayOffset(date, -((date.getDay() + 6) % 7));
}

function name(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(i18next.language === "en" ? "en-GB" : i18next.language, options).format(date);
}

/** Names of months over the first week that begins in each; the first only where there is room for it. */
export function monthNames(first: Date, weeks: number): string[] {
  const months = Array.from({ length: weeks }, (_, week) => dayOffset(first, week * 7));
  return months.map((date, week) => {
    const before = months[week - 1];
    const begins = before ? before.getMonth() !== date.getMonth() : date.getDate() <= 14;
    return begins && week < weeks - 2 ? name(date, { month: "short" }).replace(".", "") : "";
  });
}

function useDayWords(now: Date): (date: Date, day: KeepDay | undefined) => string {
  const { t } = useTranslation();
  return (date, day) => {
    const what =
      !day || day.stay + day.go === 0
        ? t("plans:calendar.none")
        : [
            day.stay > 0 ? t("plans:calendar.stay", { count: day.stay, n: count(day.stay) }) : "",
            day.go > 0 ? t("plans:calendar.go", { count: day.go, n: count(day.go) }) : "",
          ]
            .filter(Boolean)
            .join(", ");
    return t("plans:calendar.day", { day: dayName(date, now), what });
  };
}

function DayTable({ days, now }: { days: KeepDay[]; now: Date }) {
  const { t } = useTranslation();
  return (
    <div className={css.table}>
      <table aria-label={t("plans:calendar.title")}>
        <thead>
          <tr>
            <th scope="col">{t("plans:calendar.dayHead")}</th>
            <th scope="col" className="num">
              {t("plans:calendar.stayHead")}
            </th>
            <th scope="col" className="num">
              {t("plans:calendar.goHead")}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map((day) => (
            <tr key={day.day}>
              <th scope="row">{dayName(dayFrom(day.day), now)}</th>
              <td className="num">{count(day.stay)}</td>
              <td className="num">{count(day.go)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The calendar, its legend, and the same as a table. */
export function KeepCalendar({ days, now }: { days: KeepDay[]; now: Date }) {
  const { t } = useTranslation();
  const words = useDayWords(now);
  const [back, setBack] = useState(0);
  const [table, setTable] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const byDay = useMemo(() => new Map(days.map((day) => [day.day, day])), [days]);
  const first = dayOffset(monday(now), -7 * (WEEKS - 1) - 7 * WEEKS * back);
  const oldest = days[0] ? dayFrom(days[0].day) : now;
  const rows = weekdays.map((weekday, index): CellRow => {
    const made = Array.from({ length: WEEKS }, (_, week): Cell | null => {
      const date = dayOffset(first, week * 7 + index);
      const id = dayText(date);
      const kind = dayKind(byDay.get(id));
      return date > now ? null : { id, kind, label: words(date, byDay.get(id)), mark: <Mark kind={kind} /> };
    });
    return { id: weekday, label: t(`plans:short.${weekday}`), cells: made };
  });
  const said = chosen ? words(dayFrom(chosen), byDay.get(chosen)) : "";
  return (
    <section className={`card ${css.calendar}`} aria-label={t("plans:calendar.title")}>
      <div className={css.calendarHead}>
        <h2>{t("plans:calendar.title")}</h2>
        <ul className={css.legend} aria-label={t("plans:calendar.legend")}>
          {(["many", "one", "some", "gone"] as const)
            .filter((kind) => kind !== "gone" || days.some((day) => dayKind(day) === "gone"))
            .map((kind) => (
              <li key={kind}>
                <span className={cells.cell} data-kind={kind} aria-hidden>
                  <Mark kind={kind} />
                </span>
                {t(`plans:calendar.kind.${kind}`)}
              </li>
            ))}
        </ul>
      </div>
      {table ? (
        <DayTable days={days} now={now} />
      ) : (
        <CellGrid
          small
          label={t("plans:calendar.label")}
          rows={rows}
          columns={monthNames(first, WEEKS)}
          columnsBelow
          chosen={chosen}
          onChoose={setChosen}
        />
      )}
      <div className={css.calendarFoot}>
        <span className="quiet" aria-live="polite">
          {said}
        </span>
        {!table && oldest < first && (
          <Button size="compact-sm" variant="subtle" onClick={() => setBack(back + 1)}>
            {t("plans:calendar.older")}
          </Button>
        )}
        {!table && back > 0 && (
          <Button size="compact-sm" variant="subtle" onClick={() => setBack(back - 1)}>
            {t("plans:calendar.newer")}
          </Button>
        )}
        <Button size="compact-sm" variant="subtle" onClick={() => setTable(!table)}>
          {t(table ? "plans:calendar.asCalendar" : "plans:calendar.asTable")}
        </Button>
      </div>
    </section>
  );
}
