/** Days of the week: the usual groups in one list, single days by ticks. */
import { Chip, Select } from "@mantine/core";
import { useState } from "react";
import type { Weekday } from "../api";
import { useTranslation } from "../i18n";
import css from "./fields.module.css";
import { weekdays } from "./timetable";

const groups: Record<string, Weekday[]> = {
  all: [],
  work: ["mon", "tue", "wed", "thu", "fri"],
  weekend: ["sat", "sun"],
};

function groupOf(days: Weekday[]): string {
  const sorted = weekdays.filter((day) => days.includes(day)).join();
  return Object.keys(groups).find((name) => groups[name]?.join() === sorted) ?? "own";
}

/** Single days. At least one stays. */
export function DayChips({ days, onChange }: { days: Weekday[]; onChange: (days: Weekday[]) => void }) {
  const { t } = useTranslation();
  const chosen = days.length === 0 ? weekdays : days;
  return (
    <Chip.Group
      multiple
      value={chosen}
      onChange={(next) => next.length > 0 && onChange(weekdays.filter((day) => next.includes(day)))}
    >
      <span className={css.chips} role="group" aria-label={t("plans:field.days")}>
        {weekdays.map((day) => (
          <Chip key={day} value={day} size="xs" radius="sm" variant="outline">
            {t(`plans:short.${day}`)}
          </Chip>
        ))}
      </span>
    </Chip.Group>
  );
}

/** All days, working days, the weekend, or single days. */
export function DaysField({ days, onChange }: { days: Weekday[]; onChange: (days: Weekday[]) => void }) {
  const { t } = useTranslation();
  const [own, setOwn] = useState(groupOf(days) === "own");
  const value = own ? "own" : groupOf(days);
  return (
    <>
      <Select
        className={css.days ?? ""}
        aria-label={t("plans:field.days")}
        allowDeselect={false}
        value={value}
        data={["all", "work", "weekend", "own"].map((name) => ({ value: name, label: t(`plans:days.${name}`) }))}
        onChange={(name) => {
          setOwn(name === "own");
          onChange(name === "own" ? (days.length > 0 ? days : ["mon"]) : (groups[name ?? "all"] ?? []));
        }}
      />
      {value === "own" && <DayChips days={days} onChange={onChange} />}
    </>
  );
}
