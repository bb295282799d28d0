/** How every moment of a plan went: hour by day, or day by week for plans that run seldom. */
import { useTranslation } from "../i18n";
import { clock, count, day as dayName, dayOffset, shortDay } from "../i18n/format";
import { type Cell, CellGrid, type CellRow } from "./CellGrid";
import cellCss from "./CellGrid.module.css";
import { monday, monthNames } from "./KeepCalendar";
import { Mark } from "./marks";
import { cellId, type MomentCell, type MomentKind, momentKind, type Scale } from "./moments";
import css from "./proof.module.css";
import { weekdays } from "./timetable";

/** Weeks shown of a plan that runs seldom. */
export const WEEKS = 26;
const legend: MomentKind[] = [
  "ran",
  "caughtUp",
  "waited",
  "partial",
  "failed",
  "asleep",
  "skipped",
  "cancelled",
  "running",
  "notYet",
];

/** What a cell says: when, and how many moments went how. */
export function useCellWords(now: Date, scale: Scale): (cell: MomentCell) => string {
  const { t } = useTranslation();
  return (cell) => {
    const kinds = new Map<MomentKind, number>();
    for (const { slot, count: n } of cell.shares) {
      kinds.set(momentKind(slot), (kinds.get(momentKind(slot)) ?? 0) + n);
    }
    const what = [...kinds]
      .map(([kind, n]) => (cell.count === 1 ? t(`plans:moments.${kind}`) : `${count(n)} ${t(`plans:moments.${kind}`)}`))
      .join(", ");
    const when = scale === "days" ? dayName(cell.start, now) : `${dayName(cell.start, now)}, ${clock(cell.start)}`;
    return t("plans:proof.cell", { when, what });
  };
}

/** What the map needs. */
export interface HeatMapProps {
  cells: Map<string, MomentCell>;
  scale: Scale;
  now: Date;
  /** Days shown, by the hour. */
  days: number;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

/** The map and its legend; only kinds that occur are explained. */
export function HeatMap({ cells, scale, now, days, chosen, onChoose }: HeatMapProps) {
  const { t } = useTranslation();
  const words = useCellWords(now, scale);
  const drawn = (time: Date): Cell | null => {
    const cell = cells.get(cellId(time, scale));
    return cell ? { id: cell.id, kind: cell.kind, label: words(cell), mark: <Mark kind={cell.kind} /> } : null;
  };
  const first = dayOffset(monday(now), -7 * (WEEKS - 1));
  const rows: CellRow[] =
    scale === "hours"
      ? Array.from({ length: days }, (_, index) => {
          const date = dayOffset(now, index - days + 1);
          const at = (hour: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate(), hour);
          return {
            id: cellId(date, "days"),
            label: shortDay(date),
            strong: index === days - 1,
            cells: Array.from({ length: 24 }, (_, hour) => drawn(at(hour))),
          };
        })
      : weekdays.map((weekday, index) => ({
          id: weekday,
          label: t(`plans:short.${weekday}`),
          cells: Array.from({ length: WEEKS }, (_, week) => drawn(dayOffset(first, week * 7 + index))),
        }));
  const columns =
    scale === "hours"
      ? Array.from({ length: 24 }, (_, hour) => (hour % 6 === 0 || hour === 23 ? String(hour).padStart(2, "0") : ""))
      : monthNames(first, WEEKS);
  const kinds = new Set([...cells.values()].map((cell) => cell.kind));
  return (
    <>
      <CellGrid label={t("plans:proof.map")} rows={rows} columns={columns} chosen={chosen} onChoose={onChoose} />
      <ul className={css.legend} aria-label={t("plans:proof.legend")}>
        {legend
          .filter((kind) => kinds.has(kind))
          .map((kind) => (
            <li key={kind}>
              <span className={cellCss.cell} data-kind={kind} aria-hidden>
                <Mark kind={kind} />
              </span>
              {t(`plans:moments.${kind}`)}
            </li>
          ))}
      </ul>
    </>
  );
}
