/** What happens when the moment is bad: asleep, on battery, metered, still running, at quiet hours. Waiting never drops a run. */
import { ActionIcon, Button, Select } from "@mantine/core";
import { IconBattery1, IconClock, IconMoon, IconPlus, IconVolumeOff, IconWifi, IconX } from "@tabler/icons-react";
import type { DelayRule, QuietHours, StartRules } from "../api";
import { useTranslation } from "../i18n";
import { DaysField } from "./DaysField";
import css from "./plan.module.css";
import { RuleRow, Rules } from "./RuleRow";
import { TimeField } from "./TimeField";
import { span } from "./words";

/** Hours one may wait; the usual ones. */
const waits = [60, 240, 720, 1440, 4320];
const icon = { size: "1.0625rem", stroke: 1.6 };

function minutesOf(rule: DelayRule): number {
  return rule === "run" ? 0 : rule.wait.maxMinutes;
}

function DelayRow({
  what,
  rule,
  onChange,
  children,
}: {
  what: "battery" | "metered";
  rule: DelayRule;
  onChange: (rule: DelayRule) => void;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  const minutes = minutesOf(rule);
  const values = [...new Set([...waits, ...(minutes > 0 ? [minutes] : [])])].sort((one, other) => one - other);
  return (
    <RuleRow
      icon={children}
      title={t(`plans:moment.${what}`)}
      line={t(minutes > 0 ? `plans:moment.${what}Wait` : "plans:moment.runLine", { time: span(minutes, t) })}
    >
      <Select
        className={css.delay ?? ""}
        aria-label={t(`plans:moment.${what}`)}
        allowDeselect={false}
        value={String(minutes)}
        data={[
          { value: "0", label: t("plans:moment.run") },
          ...values.map((value) => ({ value: String(value), label: t("plans:moment.wait", { time: span(value, t) }) })),
        ]}
        onChange={(next) => onChange(next === "0" || next === null ? "run" : { wait: { maxMinutes: Number(next) } })}
      />
    </RuleRow>
  );
}

function QuietRow({
  hours,
  onChange,
  onRemove,
}: {
  hours: QuietHours;
  onChange: (hours: QuietHours) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  return (
    <li className={css.quietRow}>
      <span>{t("plans:quiet.from")}</span>
      <TimeField
        label={t("plans:quiet.fromLabel")}
        value={hours.from}
        onChange={(from) => onChange({ ...hours, from })}
      />
      <span>{t("plans:quiet.to")}</span>
      <TimeField label={t("plans:quiet.toLabel")} value={hours.to} onChange={(to) => onChange({ ...hours, to })} />
      <DaysField days={hours.days} onChange={(days) => onChange({ ...hours, days })} />
      <ActionIcon aria-label={t("plans:quiet.remove", { from: hours.from, to: hours.to })} onClick={onRemove}>
        <IconX size="0.875rem" />
      </ActionIcon>
    </li>
  );
}

/** The rules of a plan. */
export function BadMoments({ rules, onChange }: { rules: StartRules; onChange: (rules: StartRules) => void }) {
  const { t } = useTranslation();
  const change = (part: Partial<StartRules>) => onChange({ ...rules, ...part });
  const quiet = (index: number, hours: QuietHours | undefined) =>
    change({ quiet: rules.quiet.flatMap((old, at) => (at === index ? (hours ? [hours] : []) : [old])) });
  return (
    <Rules title={t("plans:moment.title")} note={t("plans:moment.note")}>
      <RuleRow
        icon={<IconMoon {...icon} />}
        title={t("plans:moment.missed")}
        line={t(`plans:moment.missed-${rules.missed}`)}
      >
        <Select
          className={css.delay ?? ""}
          aria-label={t("plans:moment.missed")}
          allowDeselect={false}
          value={rules.missed}
          data={(["catchUp", "skip"] as const).map((value) => ({ value, label: t(`plans:moment.${value}`) }))}
          onChange={(missed) => change({ missed: missed as StartRules["missed"] })}
        />
      </RuleRow>
      <DelayRow what="battery" rule={rules.battery} onChange={(battery) => change({ battery })}>
        <IconBattery1 {...icon} />
      </DelayRow>
      <DelayRow what="metered" rule={rules.metered} onChange={(metered) => change({ metered })}>
        <IconWifi {...icon} />
      </DelayRow>
      <RuleRow
        icon={<IconClock {...icon} />}
        title={t("plans:moment.busy")}
        line={t(`plans:moment.busy-${rules.busy}`)}
      >
        <Select
          className={css.delay ?? ""}
          aria-label={t("plans:moment.busy")}
          allowDeselect={false}
          value={rules.busy}
          data={(["queue", "skip"] as const).map((value) => ({ value, label: t(`plans:moment.${value}`) }))}
          onChange={(busy) => change({ busy: busy as StartRules["busy"] })}
        />
      </RuleRow>
      <RuleRow
        icon={<IconVolumeOff {...icon} />}
        title={t("plans:quiet.title")}
        line={t(rules.quiet.length > 0 ? "plans:quiet.line" : "plans:quiet.none")}
      >
        <Button
          size="compact-sm"
          leftSection={<IconPlus size="0.875rem" />}
          onClick={() => change({ quiet: [...rules.quiet, { from: "22:00", to: "06:00", days: [] }] })}
        >
          {t("plans:quiet.add")}
        </Button>
      </RuleRow>
      {rules.quiet.map((hours, index) => (
        <QuietRow
          key={index}
          hours={hours}
          onChange={(next) => quiet(index, next)}
          onRemove={() => quiet(index, undefined)}
        />
      ))}
    </Rules>
  );
}
