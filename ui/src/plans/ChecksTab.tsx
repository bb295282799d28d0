/** When vaults are read again, when restores are tried, where guards trip. */
import { NumberInput } from "@mantine/core";
import { IconFlask, IconShieldCheck, IconShieldHalf } from "@tabler/icons-react";
import { useTranslation } from "../i18n";
import { decimal } from "../i18n/format";
import { guardDefaults } from "./defaults";
import type { PlanEdit } from "./draft";
import css from "./plan.module.css";
import { RuleRow, Rules } from "./RuleRow";
import { UpkeepRow } from "./UpkeepRow";

const icon = { size: "1.0625rem", stroke: 1.6, "aria-hidden": true } as const;

interface ShortNumberProps {
  label: string;
  value: number;
  suffix: string;
  min?: number;
  max: number;
  decimals?: boolean;
  onChange: (value: number) => void;
}

function ShortNumber({ label, value, suffix, min = 1, max, decimals = false, onChange }: ShortNumberProps) {
  return (
    <NumberInput
      className={(suffix === " %" ? css.share : css.short) ?? ""}
      aria-label={label}
      min={min}
      max={max}
      clampBehavior="blur"
      allowDecimal={decimals}
      allowNegative={false}
      hideControls
      suffix={suffix}
      value={value}
      onChange={(next) => typeof next === "number" && next >= min && next <= max && onChange(next)}
    />
  );
}

function Checks({ edit }: { edit: PlanEdit }) {
  const { t } = useTranslation();
  const { upkeep } = edit.draft.spec;
  const change = edit.changeUpkeep;
  const share = decimal(upkeep.samplePercent, Number.isInteger(upkeep.samplePercent) ? 0 : 1);
  return (
    <Rules title={t("plans:checks.title")} icon={<IconShieldCheck {...icon} />}>
      <RuleRow title={t("plans:checks.readBack")} line={t("plans:checks.readBackLine")} on fixed>
        <span className="quiet">{t("plans:checks.always")}</span>
      </RuleRow>
      <UpkeepRow
        title={t("plans:checks.structure")}
        line={t("plans:checks.structureLine")}
        value={upkeep.structure}
        time="03:30"
        begins={2}
        onChange={(structure) => change({ structure })}
      />
      <UpkeepRow
        title={t("plans:checks.sample")}
        line={t("plans:checks.sampleLine", { share })}
        value={upkeep.sample}
        time="02:30"
        begins={0}
        onChange={(sample) => change({ sample })}
      >
        {upkeep.sample.schedule !== "manual" && (
          <ShortNumber
            label={t("plans:checks.share")}
            value={upkeep.samplePercent}
            suffix=" %"
            min={0.1}
            max={100}
            decimals
            onChange={(samplePercent) => change({ samplePercent })}
          />
        )}
      </UpkeepRow>
      <UpkeepRow
        title={t("plans:checks.full")}
        line={t("plans:checks.fullLine")}
        value={upkeep.full}
        time="05:00"
        begins={3}
        onChange={(full) => change({ full })}
      />
    </Rules>
  );
}

function Drills({ edit }: { edit: PlanEdit }) {
  const { t } = useTranslation();
  const { upkeep } = edit.draft.spec;
  const change = edit.changeUpkeep;
  return (
    <Rules title={t("plans:drills.title")} icon={<IconFlask {...icon} />} note={t("plans:drills.note")}>
      <UpkeepRow
        title={t("plans:drills.all")}
        line={t("plans:drills.allLine")}
        value={upkeep.drill}
        time="01:00"
        begins={4}
        onChange={(drill) => change({ drill })}
      />
      <UpkeepRow
        title={t("plans:drills.one")}
        line={t("plans:drills.oneLine")}
        value={upkeep.drillOne}
        time="04:00"
        begins={1}
        onChange={(drillOne) => change({ drillOne })}
      />
      <RuleRow
        title={t("plans:drills.target")}
        line={t("plans:drills.targetLine")}
        on={upkeep.targetMinutes != null}
        onSwitch={(on) => change({ targetMinutes: on ? 10 : null })}
      >
        {upkeep.targetMinutes != null && (
          <ShortNumber
            label={t("plans:drills.target")}
            value={upkeep.targetMinutes}
            suffix={` ${t("plans:drills.minutes")}`}
            max={100_000}
            onChange={(targetMinutes) => change({ targetMinutes })}
          />
        )}
      </RuleRow>
    </Rules>
  );
}

function Guards({ edit }: { edit: PlanEdit }) {
  const { t } = useTranslation();
  const { guards } = edit.draft.spec;
  const change = (part: Partial<typeof guards>) => edit.changeSpec({ guards: { ...guards, ...part } });
  return (
    <Rules title={t("plans:guards.title")} icon={<IconShieldHalf {...icon} />} note={t("plans:guards.note")}>
      <RuleRow
        title={t("plans:guards.share")}
        line={t("plans:guards.shareLine", { least: guards.least })}
        on={guards.sharePercent != null}
        onSwitch={(on) => change({ sharePercent: on ? guardDefaults.sharePercent : null })}
      >
        {guards.sharePercent != null && (
          <ShortNumber
            label={t("plans:guards.share")}
            value={guards.sharePercent}
            suffix=" %"
            max={100}
            decimals
            onChange={(sharePercent) => change({ sharePercent })}
          />
        )}
      </RuleRow>
      <RuleRow
        title={t("plans:guards.count")}
        line={t("plans:guards.hold")}
        on={guards.count != null}
        onSwitch={(on) => change({ count: on ? guardDefaults.count : null })}
      >
        {guards.count != null && (
          <ShortNumber
            label={t("plans:guards.count")}
            value={guards.count}
            suffix={` ${t("plans:guards.records")}`}
            max={1_000_000_000}
            onChange={(count) => change({ count })}
          />
        )}
      </RuleRow>
      {(["emptied", "schema", "coverage"] as const).map((guard) => (
        <RuleRow
          key={guard}
          title={t(`plans:guards.${guard}`)}
          line={t(`plans:guards.${guard}Line`)}
          on={guards[guard]}
          onSwitch={(on) => change({ [guard]: on })}
        />
      ))}
    </Rules>
  );
}

/** The tab. */
export function ChecksTab({ edit }: { edit: PlanEdit }) {
  return (
    <div className={css.column}>
      <Checks edit={edit} />
      <Drills edit={edit} />
      <Guards edit={edit} />
    </div>
  );
}
