/** The filters of the audit trail: words, who, what was done, when. */
import { Button, Select, TextInput } from "@mantine/core";
import "@mantine/dates/styles.layer.css";
import "dayjs/locale/de";
import { DatePickerInput } from "@mantine/dates";
import { IconSearch } from "@tabler/icons-react";
import i18next from "i18next";
import { useRef } from "react";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { useShortcut } from "../shared/shortcuts";
import css from "./audit.module.css";
import { type AuditChoice, everything, groupNames, isChosen, times } from "./auditFilter";

const ANY = "*";
/** People are looked for in so many of the newest entries. */
const LOOKED = 1000;

/** Who did something lately, for the list to choose from. */
function useActors(total: number, chosen: string | null): string[] {
  const after = Math.max(0, total - LOOKED);
  const newest = useCall("audit.list", { after, limit: LOOKED }, { silent: true, topics: [], keep: true });
  const names = new Set((newest.data?.entries ?? []).map((entry) => entry.actor));
  return [...(chosen ? names.add(chosen) : names)].sort((one, other) => one.localeCompare(other));
}

interface FiltersProps {
  choice: AuditChoice;
  onChange: (part: Partial<AuditChoice>) => void;
  total: number;
}

/** First and last day. */
function OwnTime({ choice, onChange }: Omit<FiltersProps, "total">) {
  const { t } = useTranslation();
  return (
    <DatePickerInput
      type="range"
      className={css.range ?? ""}
      aria-label={t("activity:audit.days")}
      placeholder={t("activity:audit.days")}
      valueFormat="D MMM YYYY"
      locale={i18next.language}
      allowSingleDateInRange
      value={[choice.from || null, choice.to || null]}
      onChange={([from, to]) => onChange({ from: from ?? "", to: to ?? "" })}
    />
  );
}

/** The row of filters. */
export function AuditFilters({ choice, onChange, total }: FiltersProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const actors = useActors(total, choice.who);
  useShortcut("/", t("activity:audit.filter"), () => field.current?.focus());
  return (
    <div className={css.filters} role="search" aria-label={t("activity:audit.filters")}>
      <TextInput
        ref={field}
        type="search"
        className={css.filter ?? ""}
        aria-label={t("activity:audit.filter")}
        placeholder={t("activity:audit.filter")}
        leftSection={<IconSearch size="1rem" />}
        value={choice.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:audit.whoLabel")}
        allowDeselect={false}
        searchable={actors.length > 8}
        value={choice.who ?? ANY}
        data={[
          { value: ANY, label: t("activity:audit.whoAny") },
          ...actors.map((actor) => ({ value: actor, label: actor })),
        ]}
        onChange={(value) => onChange({ who: value === ANY ? null : value })}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:audit.actionLabel")}
        allowDeselect={false}
        value={choice.group ?? ANY}
        data={[
          { value: ANY, label: t("activity:audit.actionAny") },
          ...groupNames.map((name) => ({ value: name, label: t(`activity:audit.group.${name}`) })),
        ]}
        onChange={(value) => onChange({ group: groupNames.find((name) => name === value) ?? null })}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:audit.timeLabel")}
        allowDeselect={false}
        value={choice.time ?? ANY}
        data={[
          { value: ANY, label: t("activity:audit.timeAny") },
          ...times.map((name) => ({ value: name, label: t(`activity:audit.time.${name}`) })),
        ]}
        onChange={(value) => onChange({ time: times.find((name) => name === value) ?? null })}
      />
      {choice.time === "own" && <OwnTime choice={choice} onChange={onChange} />}
      {isChosen(choice) && (
        <Button variant="subtle" onClick={() => onChange(everything)}>
          {t("activity:audit.clear")}
        </Button>
      )}
    </div>
  );
}
