/** Which day of every month. */
import { Select } from "@mantine/core";
import type { MonthDay } from "../api";
import { useTranslation } from "../i18n";
import css from "./fields.module.css";
import { weekdays } from "./timetable";

function monthChoice(on: MonthDay): string {
  return on === "last" ? "last" : "first" in on ? `first-${on.first}` : `day-${on.day}`;
}

/** A list of all days a month can have, and of first weekdays. */
export function MonthField({ on, onChange }: { on: MonthDay; onChange: (on: MonthDay) => void }) {
  const { t } = useTranslation();
  const data = [
    ...weekdays.map((day) => ({
      value: `first-${day}`,
      label: t("plans:month.first", { day: t(`plans:day.${day}`) }),
    })),
    ...Array.from({ length: 31 }, (_, index) => ({
      value: `day-${index + 1}`,
      label: t("plans:month.number", { n: index + 1 }),
    })),
    { value: "last", label: t("plans:month.last") },
  ];
  const take = (choice: string) => {
    const [kind, what = ""] = choice.split("-");
    onChange(
      kind === "last" ? "last" : kind === "day" ? { day: Number(what) } : { first: what as (typeof weekdays)[number] },
    );
  };
  return (
    <Select
      className={css.month ?? ""}
      aria-label={t("plans:field.monthDay")}
      comboboxProps={{ keepMounted: false }}
      allowDeselect={false}
      value={monthChoice(on)}
      data={data}
      onChange={(choice) => choice && take(choice)}
    />
  );
}
