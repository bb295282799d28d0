/** The promise: how old the newest good backup may become before its source is called overdue. */
import { Anchor, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "../i18n";
import css from "./plan.module.css";
import { span } from "./words";

const units = { minutes: 1, hours: 60, days: 1440 } as const;
type Unit = keyof typeof units;

function unitOf(minutes: number): Unit {
  return minutes % 1440 === 0 ? "days" : minutes % 60 === 0 ? "hours" : "minutes";
}

/** What the field needs. */
export interface PromiseFieldProps {
  /** As chosen; absent: by the timetable. */
  minutes: number | null | undefined;
  /** What follows from the timetable. */
  usual: number | null | undefined;
  onChange: (minutes: number | null) => void;
}

/** A sentence, and fields once it is to be changed. */
export function PromiseField({ minutes, usual, onChange }: PromiseFieldProps) {
  const { t } = useTranslation();
  const now = minutes ?? usual;
  const [unit, setUnit] = useState<Unit>(unitOf(minutes ?? 60));
  if (minutes == null) {
    return (
      <p className={css.promise}>
        {now ? t("plans:promise.line", { time: span(now, t) }) : t("plans:promise.none")}{" "}
        <Anchor
          component="button"
          type="button"
          onClick={() => {
            setUnit(unitOf(now ?? 1440));
            onChange(now ?? 1440);
          }}
        >
          {t("plans:promise.change")}
        </Anchor>
      </p>
    );
  }
  return (
    <div className={css.promise}>
      <span>{t("plans:promise.after")}</span>
      <NumberInput
        className={css.promiseNumber ?? ""}
        aria-label={t("plans:promise.label")}
        min={1}
        max={9999}
        allowDecimal={false}
        allowNegative={false}
        value={minutes / units[unit]}
        onChange={(next) => typeof next === "number" && next > 0 && onChange(next * units[unit])}
      />
      <Select
        className={css.promiseUnit ?? ""}
        aria-label={t("plans:promise.unit")}
        allowDeselect={false}
        value={unit}
        data={Object.keys(units).map((value) => ({ value, label: t(`plans:promise.${value}`) }))}
        onChange={(next) => {
          const chosen = (next ?? "hours") as Unit;
          setUnit(chosen);
          onChange((minutes / units[unit]) * units[chosen]);
        }}
      />
      <span>{t("plans:promise.rest")}</span>
      <Anchor component="button" type="button" onClick={() => onChange(null)}>
        {t("plans:promise.usual")}
      </Anchor>
    </div>
  );
}
