/** A strip of days: how much each added, and a way to jump there. One stop for Tab; arrow keys go from day to day. */
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "../i18n";
import { bytes, count, sameDay, shortDay, weekdayMonth } from "../i18n/format";
import css from "./DayStrip.module.css";
import { type Bar, height } from "./days";

/** The strip and the day the list begins with. */
export interface DayStripProps {
  days: Bar[];
  /** First day of the list. */
  from: Date;
  /** Last day of the list that is in sight. */
  to: Date;
  onJump: (day: Date) => void;
}

/** The first day of a month, and the last of all, carry a word. */
function axis(days: Bar[], at: number, today: string): string | null {
  const date = days[at]?.date;
  if (!date) {
    return null;
  }
  if (at === days.length - 1) {
    return sameDay(date, new Date()) ? today : shortDay(date, false);
  }
  return date.getDate() === 1 && at < days.length - 4 ? shortDay(date, false).replace(/^1\.? /, "") : null;
}

/** Days as bars. */
export function DayStrip({ days, from, to, onJump }: DayStripProps) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const chosen = days.findIndex((day) => sameDay(day.date, from));
  const [focused, setFocused] = useState<number | null>(null);
  const stop = focused ?? (chosen >= 0 ? chosen : days.length - 1);
  const move = (event: KeyboardEvent) => {
    const goals: Record<string, number> = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: days.length - 1 };
    const goal = goals[event.key];
    if (goal === undefined) {
      return;
    }
    event.preventDefault();
    const at = Math.max(0, Math.min(days.length - 1, goal));
    setFocused(at);
    list.current?.querySelectorAll("button")[at]?.focus();
  };
  return (
    <div className={css.strip}>
      <ul ref={list} className={css.days} aria-label={t("snapshots:strip.label")} onKeyDown={move}>
        {days.map((day, at) => {
          const word = axis(days, at, t("common:time.today"));
          const inSight = day.date <= from && day.date >= to;
          return (
            <li key={day.date.getTime()} className={css.day} data-in-sight={inSight || undefined}>
              <button
                type="button"
                className={css.button}
                tabIndex={at === stop ? 0 : -1}
                aria-current={at === chosen ? "date" : undefined}
                aria-label={t("snapshots:strip.day", {
                  day: weekdayMonth(day.date),
                  count: day.count,
                  n: count(day.count),
                  size: bytes(day.stored),
                })}
                title={t("snapshots:strip.day", {
                  day: weekdayMonth(day.date),
                  count: day.count,
                  n: count(day.count),
                  size: bytes(day.stored),
                })}
                onFocus={() => setFocused(at)}
                onBlur={() => setFocused(null)}
                onClick={() => onJump(day.date)}
              >
                <span className={css.bar} style={{ height: `${height(day, days) * 100}%` }} />
              </button>
              {word && (
                <span className={css.word} data-last={at === days.length - 1 || undefined}>
                  {word}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
