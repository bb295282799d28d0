/** What a channel tells, and of which plans. */
import { Checkbox, MultiSelect } from "@mantine/core";
import { type Event, useCall } from "../api";
import { useTranslation } from "../i18n";
import type { FieldsProps } from "./ChannelFields";
import { events, faults } from "./channelWords";
import css from "./settings.module.css";

function Plans({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const plans = useCall("plan.list", {}, { silent: true, topics: ["plans"] });
  const known = (plans.data?.plans ?? []).map((plan) => plan.name);
  // A plan that is gone is still chosen until somebody takes it out.
  const names = [...known, ...draft.plans.filter((name) => !known.includes(name))];
  if (names.length === 0) {
    return null;
  }
  return (
    <MultiSelect
      label={t("settings:channel.plans")}
      {...(draft.plans.length === 0 ? { placeholder: t("settings:channel.allPlans") } : {})}
      data={names}
      value={draft.plans}
      onChange={(chosen) => change({ plans: chosen })}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("settings:channel.allPlans") }}
    />
  );
}

/** The fields. A heartbeat always tells the same three things. */
export function ChannelScope({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {draft.kind === "heartbeat" ? (
        <p className="note">{t("settings:channel.beats")}</p>
      ) : (
        <Checkbox.Group
          label={t("settings:channel.events")}
          value={draft.events}
          onChange={(chosen) => change({ events: events.filter((event: Event) => chosen.includes(event)) })}
          error={faults(draft).events ? t("settings:channel.noEvent") : undefined}
        >
          <div className={css.events}>
            {events.map((event) => (
              <Checkbox key={event} value={event} label={t(`settings:event.${event}`)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      <Plans draft={draft} change={change} />
    </>
  );
}
