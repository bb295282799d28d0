/** A timetable as a sentence with fields: by the minute, by the hour, daily, weekly, monthly, or a cron line. */
import { Anchor, NumberInput, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { Schedule, Timetable } from "../api";
import { useTranslation } from "../i18n";
import { CronField } from "./CronField";
import { DayChips, DaysField } from "./DaysField";
import css from "./fields.module.css";
import { MonthField } from "./MonthField";
import { TimeField, TimesField } from "./TimeField";
import { kindOf, ofKind, type ScheduleKind } from "./timetable";
import { ZoneField } from "./ZoneField";

/** A timetable that is changed. */
export interface TimetableFieldsProps {
  value: Timetable;
  onChange: (value: Timetable) => void;
  /** The kinds to choose from. */
  kinds?: ScheduleKind[];
  /** The same as a cron line, to begin with when that is chosen. */
  cron?: string | null | undefined;
  /** What the engine found wrong. */
  error?: string | undefined;
}

interface Part {
  schedule: Schedule;
  onChange: (schedule: Schedule) => void;
}

/** The text around a field: German and English put them in another order, so each piece is a text of its own. */
function Words({ id }: { id: string }) {
  const { t } = useTranslation();
  const words = t(`plans:sentence.${id}`);
  return words === "–" ? null : <span>{words}</span>;
}

function Every({ value, most, label, onChange }: EveryProps) {
  return (
    <NumberInput
      className={css.every ?? ""}
      aria-label={label}
      min={1}
      max={most}
      clampBehavior="blur"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={value === 0 ? "" : value}
      onChange={(next) => onChange(typeof next === "number" ? next : 0)}
    />
  );
}

interface EveryProps {
  value: number;
  most: number;
  label: string;
  onChange: (value: number) => void;
}

function Sentence({ schedule, onChange }: Part) {
  const { t } = useTranslation();
  if (schedule === "manual" || "cron" in schedule) {
    return null;
  }
  if ("minutes" in schedule) {
    const { every } = schedule.minutes;
    return (
      <>
        <Words id="every" />
        <Every
          value={every}
          most={1439}
          label={t("plans:field.minutes")}
          onChange={(next) => onChange({ minutes: { every: next } })}
        />
        <Words id="minutes" />
      </>
    );
  }
  if ("hours" in schedule) {
    const { hours } = schedule;
    const change = (part: Partial<typeof hours>) => onChange({ hours: { ...hours, ...part } });
    return (
      <>
        <Words id="every" />
        <Every value={hours.every} most={24} label={t("plans:field.hours")} onChange={(every) => change({ every })} />
        <Words id="hoursFrom" />
        <TimeField label={t("plans:field.from")} value={hours.from} onChange={(from) => change({ from })} />
        <span className={css.group}>
          <Words id="onDays" />
          <DaysField days={hours.days} onChange={(days) => change({ days })} />
        </span>
      </>
    );
  }
  if ("daily" in schedule) {
    return (
      <>
        <Words id="dailyAt" />
        <TimesField times={schedule.daily.times} onChange={(times) => onChange({ daily: { times } })} />
      </>
    );
  }
  if ("weekly" in schedule) {
    const { weekly } = schedule;
    return (
      <>
        <Words id="weeklyOn" />
        <DayChips days={weekly.days} onChange={(days) => onChange({ weekly: { ...weekly, days } })} />
        <Words id="at" />
        <TimesField times={weekly.times} onChange={(times) => onChange({ weekly: { ...weekly, times } })} />
      </>
    );
  }
  const { monthly } = schedule;
  return (
    <>
      <Words id="monthlyOn" />
      <MonthField on={monthly.on} onChange={(on) => onChange({ monthly: { ...monthly, on } })} />
      <Words id="at" />
      <TimeField
        label={t("plans:field.time")}
        value={monthly.time}
        onChange={(time) => onChange({ monthly: { ...monthly, time } })}
      />
    </>
  );
}

const usual: ScheduleKind[] = ["minutes", "hours", "daily", "weekly", "cron"];

/** The sentence, the kinds above it, clock and spreading beneath. */
export function TimetableFields({ value, onChange, kinds = usual, cron, error }: TimetableFieldsProps) {
  const { t } = useTranslation();
  const { schedule, zone, jitterMinutes } = value;
  const [more, setMore] = useState(jitterMinutes > 0);
  const kind = kindOf(schedule);
  const shown = kinds.includes(kind) ? kinds : [...kinds, kind];
  const change = (next: Schedule) => onChange({ ...value, schedule: next });
  return (
    <div className={css.timetable}>
      <SegmentedControl
        className={css.kinds ?? ""}
        aria-label={t("plans:field.kind")}
        value={kind}
        data={shown.map((name) => ({ value: name, label: t(`plans:kind.${name}`) }))}
        onChange={(name) => change(ofKind(name as ScheduleKind, schedule, cron))}
      />
      <div className={css.sentence}>
        <Sentence schedule={schedule} onChange={change} />
        {schedule !== "manual" && "cron" in schedule && (
          <CronField
            expression={schedule.cron.expression}
            error={error}
            onChange={(expression) => change({ cron: { expression } })}
          />
        )}
        {schedule !== "manual" && (
          <span className={css.group}>
            <Words id="byClock" />
            <ZoneField zone={zone} onChange={(next) => onChange({ ...value, zone: next })} />
          </span>
        )}
        {schedule !== "manual" && !more && (
          <Anchor component="button" type="button" className={css.more ?? ""} onClick={() => setMore(true)}>
            {t("plans:field.more")}
          </Anchor>
        )}
      </div>
      {schedule === "manual" && <p className="quiet">{t("plans:sentence.manual")}</p>}
      {schedule !== "manual" && more && (
        <div className={css.sentence}>
          <Words id="jitter" />
          <NumberInput
            className={css.every ?? ""}
            aria-label={t("plans:field.jitter")}
            min={0}
            max={1440}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            value={jitterMinutes}
            onChange={(next) => onChange({ ...value, jitterMinutes: typeof next === "number" ? next : 0 })}
          />
          <Words id="jitterMinutes" />
          <span className={css.hint}>{t("plans:field.jitterHelp")}</span>
        </div>
      )}
    </div>
  );
}
