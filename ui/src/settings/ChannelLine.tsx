/** One channel: where it leads, when it was last used and how, and what a test of it says. */
import { Button, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { type ChannelRow, useAct } from "../api";
import { useTranslation } from "../i18n";
import { decimal, exact, moment } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { isEverything, kindOf, kindWord, switched } from "./channelWords";
import { SettingRow } from "./SettingRow";
import css from "./settings.module.css";

/** Kind, place and last use, in one line. */
function Facts({ channel }: { channel: ChannelRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const beats = kindOf(channel.kind) === "heartbeat";
  const key = beats ? "settings:channel.called" : "settings:channel.delivered";
  const last: ReactNode = channel.delivered ? (
    <time dateTime={channel.delivered} title={exact(channel.delivered)}>
      {t(key, { time: moment(channel.delivered, now) })}
    </time>
  ) : (
    t("settings:channel.never")
  );
  return (
    <div>
      {t(`settings:channel.kind.${kindWord(channel.kind)}`)} · <span className={css.target}>{channel.target}</span> ·{" "}
      {last}
    </div>
  );
}

/** What it tells, and of what. */
function Scope({ channel }: { channel: ChannelRow }) {
  const { t } = useTranslation();
  const beats = kindOf(channel.kind) === "heartbeat";
  const what = isEverything(channel.events)
    ? t("settings:channel.everything")
    : channel.events.map((event) => t(`settings:event.${event}`)).join(", ");
  return (
    <div>
      {!beats && t("settings:channel.tells", { what })}{" "}
      {channel.plans.length > 0 && t("settings:channel.onlyOf", { plans: channel.plans.join(", ") })}
    </div>
  );
}

/** The row, and beneath it how the test went. */
export function ChannelLine({ channel, onEdit }: { channel: ChannelRow; onEdit: () => void }) {
  const { t } = useTranslation();
  const test = useAct("channel.test");
  const set = useAct("channel.set");
  const { id, name, problem } = channel;
  // Until the list is read again, the switch stands where it was put.
  const enabled = set.isPending && set.variables.enabled != null ? set.variables.enabled : channel.enabled;
  return (
    <>
      <SettingRow
        id={`channel-${id}`}
        title={name}
        line={
          <>
            <Facts channel={channel} />
            <Scope channel={channel} />
            {problem && (
              <div className={css.problem} style={{ color: statusColor("failed", "ink") }}>
                <StatusGlyph status="failed" />
                {t("settings:channel.problem", { problem })}
              </div>
            )}
          </>
        }
      >
        <Button
          aria-label={t("settings:channel.testName", { name })}
          loading={test.isPending}
          onClick={() => test.mutate({ channel: id })}
        >
          {t("settings:channel.test")}
        </Button>
        <Button aria-label={t("settings:channel.editName", { name })} onClick={onEdit}>
          {t("settings:channel.edit")}
        </Button>
        <Switch
          className={css.use ?? ""}
          aria-label={t("settings:channel.use", { name })}
          checked={enabled}
          onChange={(event) => set.mutate(switched(channel, event.currentTarget.checked))}
        />
      </SettingRow>
      <div role="status" className={css.result}>
        {test.data && (
          <>
            <StatusGlyph status="complete" />
            {t("settings:channel.answered", { answer: test.data.answer, seconds: decimal(test.data.seconds, 1) })}
          </>
        )}
      </div>
      {test.error && <ErrorNote error={test.error} title={t("settings:channel.testFailed")} tight />}
      {set.error && <ErrorNote error={set.error} title={t("settings:notKept")} safe={t("settings:putBack")} tight />}
    </>
  );
}
