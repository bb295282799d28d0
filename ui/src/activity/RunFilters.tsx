/** The filters of the list of runs: words, kind, state, source, plan. */
import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { useShortcut } from "../shared/shortcuts";
import css from "./activity.module.css";
import type { RunChoice } from "./useRunFilter";
import { runKinds, verdicts } from "./words";

const ANY = "*";

/** What was removed has runs all the same, and may be what the address asks for. */
function withChosen(names: string[], chosen: string | null): string[] {
  return chosen && !names.includes(chosen) ? [...names, chosen] : names;
}

/** The row of filters. */
export function RunFilters({ choice, onChange }: { choice: RunChoice; onChange: (part: Partial<RunChoice>) => void }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  // The address follows a moment later; what is typed must not wait for it.
  const [typed, setTyped] = useState(choice.text);
  const sent = useRef(choice.text);
  useEffect(() => {
    if (choice.text !== sent.current) {
      sent.current = choice.text;
      setTyped(choice.text);
    }
  }, [choice.text]);
  const type = (text: string) => {
    sent.current = text;
    setTyped(text);
    onChange({ text });
  };
  const sources = useCall("source.list", {}, { silent: true });
  const plans = useCall("plan.list", {}, { silent: true, topics: ["plans"] });
  useShortcut("/", t("activity:filter.label"), () => field.current?.focus());
  const known = withChosen(
    (sources.data?.sources ?? []).map((source) => source.name),
    choice.source,
  );
  const planned = withChosen(
    (plans.data?.plans ?? []).map((plan) => plan.name),
    choice.plan,
  );
  return (
    <div className={css.filters} role="search" aria-label={t("activity:filter.label")}>
      <TextInput
        ref={field}
        className={css.words ?? ""}
        type="search"
        aria-label={t("activity:filter.words")}
        placeholder={t("activity:filter.words")}
        leftSection={<IconSearch size="1rem" />}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:filter.kind")}
        allowDeselect={false}
        value={choice.kind ?? ANY}
        data={[
          { value: ANY, label: t("activity:filter.anyKind") },
          ...runKinds.map((kind) => ({ value: kind, label: t(`activity:kind.${kind}`) })),
        ]}
        onChange={(value) => onChange({ kind: runKinds.find((kind) => kind === value) ?? null })}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:filter.state")}
        allowDeselect={false}
        value={choice.verdict ?? ANY}
        data={[
          { value: ANY, label: t("activity:filter.anyState") },
          ...verdicts.map((verdict) => ({ value: verdict, label: t(`common:status.${verdict}`) })),
        ]}
        onChange={(value) => onChange({ verdict: verdicts.find((verdict) => verdict === value) ?? null })}
      />
      <Select
        className={css.pick ?? ""}
        aria-label={t("activity:filter.source")}
        allowDeselect={false}
        searchable
        nothingFoundMessage={t("activity:filter.noSource")}
        value={choice.source ?? ANY}
        data={[
          { value: ANY, label: t("activity:filter.anySource") },
          ...known.map((name) => ({ value: name, label: name })),
        ]}
        onChange={(value) => onChange({ source: value === ANY ? null : value })}
      />
      {planned.length > 0 && (
        <Select
          className={css.pick ?? ""}
          aria-label={t("activity:filter.plan")}
          allowDeselect={false}
          searchable
          nothingFoundMessage={t("activity:filter.noPlan")}
          value={choice.plan ?? ANY}
          data={[
            { value: ANY, label: t("activity:filter.anyPlan") },
            ...planned.map((name) => ({ value: name, label: name })),
          ]}
          onChange={(value) => onChange({ plan: value === ANY ? null : value })}
        />
      )}
    </div>
  );
}
