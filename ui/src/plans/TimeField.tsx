/** A time of day, and several of them. */
import { ActionIcon, Button } from "@mantine/core";
import "@mantine/dates/styles.layer.css";
import { TimePicker } from "@mantine/dates";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "../i18n";
import css from "./fields.module.css";

/** A time as `HH:MM`. */
export interface TimeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Hours and minutes by keyboard; nothing is told while one of them is missing. */
export function TimeField({ label, value, onChange }: TimeFieldProps) {
  const { t } = useTranslation();
  return (
    <TimePicker
      className={css.time ?? ""}
      value={value}
      onChange={(next) => next !== "" && next !== value && onChange(next.slice(0, 5))}
      hoursInputLabel={t("plans:field.hour", { label })}
      minutesInputLabel={t("plans:field.minute", { label })}
      withDropdown={false}
    />
  );
}

/** The next free hour after the last of some times. */
export function anotherTime(times: string[]): string {
  const last = [...times].sort().at(-1) ?? "02:00";
  for (let step = 1; step <= 24; step++) {
    const hour = (Number(last.slice(0, 2)) + step * (times.length === 1 ? 12 : 1)) % 24;
    const time = `${String(hour).padStart(2, "0")}${last.slice(2)}`;
    if (!times.includes(time)) {
      return time;
    }
  }
  return last;
}

/** One or more times of a day. */
export function TimesField({ times, onChange }: { times: string[]; onChange: (times: string[]) => void }) {
  const { t } = useTranslation();
  return (
    <span className={css.times}>
      {times.map((time, index) => (
        <span key={index} className={css.oneTime}>
          <TimeField
            label={t("plans:field.timeNumber", { n: index + 1 })}
            value={time}
            onChange={(next) => onChange(times.map((old, at) => (at === index ? next : old)))}
          />
          {times.length > 1 && (
            <ActionIcon
              size="1.625rem"
              aria-label={t("plans:field.removeTime", { time })}
              onClick={() => onChange(times.filter((_, at) => at !== index))}
            >
              <IconX size="0.875rem" />
            </ActionIcon>
          )}
        </span>
      ))}
      {times.length < 24 && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size="0.875rem" />}
          onClick={() => onChange([...times, anotherTime(times)])}
        >
          {t("plans:field.addTime")}
        </Button>
      )}
    </span>
  );
}
