/** One task of a plan that has a timetable of its own: a switch, the usual times, and a dialog for other ones. */
import { Button, Group, Modal, Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Timetable } from "../api";
import { useTranslation } from "../i18n";
import { freshSpec } from "./defaults";
import { draftProblem, same } from "./draft";
import { NextRuns } from "./NextRuns";
import css from "./plan.module.css";
import { RuleRow } from "./RuleRow";
import { TimetableFields } from "./TimetableFields";
import { byClock, manual, scheduleWords } from "./timetable";
import { usePreview } from "./usePreview";

/** The usual timetables, with another time of night each so that not all begin at once. */
export function usualTimes(time: string): Timetable[] {
  return [
    byClock({ daily: { times: [time] } }),
    byClock({ weekly: { days: ["sat"], times: [time] } }),
    byClock({ weekly: { days: ["sun"], times: [time] } }),
    byClock({ monthly: { on: { first: "sun" }, time } }),
    byClock({ monthly: { on: { day: 12 }, time } }),
  ];
}

function OwnTimes({
  title,
  value,
  onTake,
  onClose,
}: {
  title: string;
  value: Timetable;
  onTake: (value: Timetable) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(value);
  const preview = usePreview(chosen, 5);
  const problem = draftProblem({ sources: ["–"], vaults: [], spec: { ...freshSpec(), timetable: chosen } });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("plans:upkeep.when", { what: title })}
      size="42rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <TimetableFields
        value={chosen}
        kinds={["hours", "daily", "weekly", "monthly", "cron"]}
        cron={preview.reply?.cron}
        error={preview.error?.message}
        onChange={setChosen}
      />
      <div className={css.dialogNext}>
        <NextRuns timetable={chosen} preview={preview} />
      </div>
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button
          variant="filled"
          disabled={problem !== undefined || preview.error !== null}
          onClick={() => {
            onTake(chosen);
            onClose();
          }}
        >
          {t("plans:upkeep.take")}
        </Button>
      </Group>
    </Modal>
  );
}

/** A task. */
export interface UpkeepRowProps {
  title: string;
  line?: ReactNode;
  value: Timetable;
  /** The time of day its usual timetables have. */
  time: string;
  /** Which of the usual ones it begins with when it is switched on. */
  begins: number;
  onChange: (value: Timetable) => void;
  /** More choices of the row. */
  children?: ReactNode;
}

/** The row. */
export function UpkeepRow({ title, line, value, time, begins, onChange, children }: UpkeepRowProps) {
  const { t } = useTranslation();
  const [own, setOwn] = useState(false);
  const on = value.schedule !== "manual";
  const usual = usualTimes(time);
  const options = on && !usual.some((one) => same(one, value)) ? [value, ...usual] : usual;
  return (
    <RuleRow title={title} line={line} on={on} onSwitch={(next) => onChange(next ? (usual[begins] ?? manual) : manual)}>
      {children}
      {on && (
        <Select
          className={css.upkeepTime ?? ""}
          aria-label={t("plans:upkeep.when", { what: title })}
          allowDeselect={false}
          value={String(options.findIndex((one) => same(one, value)))}
          data={[
            ...options.map((one, index) => ({ value: String(index), label: scheduleWords(one.schedule, t) })),
            { value: "own", label: t("plans:upkeep.own") },
          ]}
          onChange={(next) => {
            if (next === "own") {
              setOwn(true);
            } else {
              onChange(options[Number(next)] ?? value);
            }
          }}
        />
      )}
      {own && <OwnTimes title={title} value={value} onTake={onChange} onClose={() => setOwn(false)} />}
    </RuleRow>
  );
}
