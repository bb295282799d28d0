/** How often a new source is backed up: a plan of its own, one there is already, or none. */
import { SegmentedControl, Select, Switch } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { type PlanSpec, type Schedule, useCall } from "../api";
import { useTranslation } from "../i18n";
import { useNow } from "../shared/useNow";
import css from "./choice.module.css";
import { guardDefaults } from "./defaults";
import { draftProblem, same } from "./draft";
import { keepWords, ofPreset, type Preset, presetOf, presets } from "./keep";
import { TimetableFields } from "./TimetableFields";
import { scheduleWords } from "./timetable";
import { usePreview } from "./usePreview";
import { soon } from "./words";

/** What was chosen: the name of a plan there is, the settings of a new one, or neither. */
export interface Choice {
  existing?: string;
  spec?: PlanSpec;
}

const usual: [string, Schedule][] = [
  ["hourly", { hours: { every: 1, from: "00:00", days: [] } }],
  ["sixHours", { hours: { every: 6, from: "03:00", days: [] } }],
  ["nightly", { daily: { times: ["02:00"] } }],
  ["weekly", { weekly: { days: ["sun"], times: ["02:00"] } }],
];

/** Whether a choice can be carried out. */
export function choiceIsComplete(choice: Choice): boolean {
  return !choice.spec || draftProblem({ sources: ["–"], vaults: [], spec: choice.spec }) === undefined;
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={css.row} role="group" aria-label={label}>
      <div className={css.label}>{label}</div>
      <div className={css.control}>{children}</div>
    </div>
  );
}

function Often({ spec, onChange }: { spec: PlanSpec; onChange: (spec: PlanSpec) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const known = usual.find(([, schedule]) => same(schedule, spec.timetable.schedule))?.[0];
  const [own, setOwn] = useState(known === undefined);
  const preview = usePreview(spec.timetable, 3);
  const value = own ? "own" : (known ?? "own");
  const change = (timetable: PlanSpec["timetable"]) => onChange({ ...spec, timetable });
  const times = preview.reply?.next.map((time) => soon(time, now, t)) ?? [];
  return (
    <>
      <SegmentedControl
        className={css.often ?? ""}
        aria-label={t("plans:choice.label")}
        value={value}
        data={[...usual.map(([name]) => name), "own"].map((name) => ({
          value: name,
          label: t(`plans:choice.${name}`),
        }))}
        onChange={(name) => {
          const schedule = usual.find(([one]) => one === name)?.[1];
          setOwn(schedule === undefined);
          if (schedule) {
            change({ ...spec.timetable, schedule });
          }
        }}
      />
      {value === "own" && (
        <TimetableFields
          value={spec.timetable}
          cron={preview.reply?.cron}
          error={preview.error?.message}
          onChange={change}
        />
      )}
      {times.length > 0 && <p className="quiet">{t("plans:choice.next", { times: times.join(", ") })}</p>}
    </>
  );
}

function OwnPlan({ spec, onChange }: { spec: PlanSpec; onChange: (spec: PlanSpec) => void }) {
  const { t } = useTranslation();
  const guarded = spec.guards.sharePercent != null;
  return (
    <>
      <Row label={t("plans:choice.label")}>
        <Often spec={spec} onChange={onChange} />
      </Row>
      <Row label={t("plans:choice.keep")}>
        <Select
          className={css.keep ?? ""}
          aria-label={t("plans:choice.keep")}
          allowDeselect={false}
          value={presetOf(spec.keep)}
          data={presets
            .filter((preset) => preset !== "own")
            .map((value) => ({ value, label: t(`plans:keep.preset.${value}`) }))}
          onChange={(preset) => preset && onChange({ ...spec, keep: ofPreset(preset as Preset, spec.keep) })}
        />
        <p className="quiet">
          {presetOf(spec.keep) === "everything"
            ? t("plans:keep.everything")
            : t("plans:keep.sentence", { what: keepWords(spec.keep, t) })}
        </p>
      </Row>
      <Row label={t("plans:choice.guard")}>
        <Switch
          label={t("plans:choice.guardLine")}
          checked={guarded}
          onChange={(event) =>
            onChange({
              ...spec,
              guards: event.currentTarget.checked ? guardDefaults : { ...spec.guards, sharePercent: null, count: null },
            })
          }
        />
      </Row>
    </>
  );
}

/** What the choice needs. */
export interface PlanChoiceProps {
  value: Choice;
  /** The settings a plan of its own begins with. */
  fresh: PlanSpec;
  onChange: (value: Choice) => void;
}

/** Nothing but the times while there is no plan to join. */
export function PlanChoice({ value, fresh, onChange }: PlanChoiceProps) {
  const { t } = useTranslation();
  const plans = useCall("plan.list", {}, { silent: true }).data?.plans ?? [];
  const joined = plans.find((plan) => plan.name === value.existing);
  const [last, setLast] = useState(value.spec ?? fresh);
  const own = (spec: PlanSpec) => {
    setLast(spec);
    onChange({ spec });
  };
  const place = value.spec ? "own" : value.existing !== undefined ? `plan ${value.existing}` : "none";
  return (
    <section className={css.choice} aria-label={t("plans:choice.heading")}>
      <Row label={t("plans:choice.plan")}>
        <Select
          className={css.keep ?? ""}
          aria-label={t("plans:choice.plan")}
          allowDeselect={false}
          searchable={plans.length > 8}
          value={place}
          data={[
            { value: "own", label: t("plans:choice.fresh") },
            ...(plans.length > 0
              ? [
                  {
                    group: t("plans:choice.existing"),
                    items: plans.map((plan) => ({ value: `plan ${plan.name}`, label: plan.name })),
                  },
                ]
              : []),
            { value: "none", label: t("plans:choice.none") },
          ]}
          onChange={(next) => {
            if (next === "own") {
              onChange({ spec: last });
            } else {
              onChange(next === "none" || next === null ? {} : { existing: next.slice("plan ".length) });
            }
          }}
        />
        {joined && (
          <p className="quiet">
            {t("plans:choice.planLine", {
              words: scheduleWords(joined.spec.timetable.schedule, t),
              sources: joined.sources.join(", "),
            })}
            {joined.vaults.length > 0 && ` ${t("plans:choice.vaults", { vaults: joined.vaults.join(", ") })}`}
          </p>
        )}
        {place === "none" && <p className="quiet">{t("plans:choice.noneLine")}</p>}
      </Row>
      {value.spec && <OwnPlan spec={value.spec} onChange={own} />}
    </section>
  );
}
