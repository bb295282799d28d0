/** Who is told about this plan, and commands of the person's own around its backups. */
import { Button, NumberInput, Switch, TextInput } from "@mantine/core";
import { IconBell, IconHeartbeat, IconMail, IconTerminal2, IconWebhook } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import {
  asError,
  type BackstayError,
  type ChannelRow,
  call,
  type HookSpec,
  type PlanRow,
  useCall,
  useRefresh,
} from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import type { PlanEdit } from "./draft";
import css from "./plan.module.css";
import { RuleRow, Rules } from "./RuleRow";
import { soon } from "./words";

const icon = { size: "1.0625rem", stroke: 1.6 };

/** The kind of a channel, as its key. */
function kindOf(channel: ChannelRow): "webhook" | "heartbeat" | "mail" | "command" {
  return Object.keys(channel.kind)[0] as "webhook" | "heartbeat" | "mail" | "command";
}

const icons: Record<ReturnType<typeof kindOf>, ReactNode> = {
  webhook: <IconWebhook {...icon} />,
  heartbeat: <IconHeartbeat {...icon} />,
  mail: <IconMail {...icon} />,
  command: <IconTerminal2 {...icon} />,
};

function Channel({ channel, plan }: { channel: ChannelRow; plan: string }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const now = useNow();
  const [error, setError] = useState<BackstayError | null>(null);
  const [busy, setBusy] = useState(false);
  const everything = channel.plans.length === 0;
  const told = everything || channel.plans.includes(plan);
  // Taking away its only plan would make it tell of all of them.
  const fixed = everything || (told && channel.plans.length === 1);
  const change = async (on: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const { name, kind, events, enabled } = channel;
      const plans = on ? [...channel.plans, plan] : channel.plans.filter((one) => one !== plan);
      await call("channel.set", { channel: name, name, kind, events, enabled, plans });
      await refresh(["channels"]);
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const facts = [
    channel.target,
    everything ? t("plans:tell.ofAll") : told && fixed ? t("plans:tell.onlyThis") : "",
    channel.enabled ? "" : t("plans:tell.off"),
    channel.delivered ? t("plans:tell.delivered", { time: soon(channel.delivered, now, t) }) : "",
  ].filter(Boolean);
  return (
    <>
      <RuleRow icon={icons[kindOf(channel)]} title={channel.name} line={facts.join(" · ")}>
        <Switch
          checked={told}
          disabled={fixed || busy}
          {...(fixed ? { classNames: { track: css.fixedTrack ?? "" } } : {})}
          aria-label={t("plans:tell.channel", { name: channel.name })}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
      </RuleRow>
      {(error || channel.problem) && (
        <li className={css.rowError}>
          {error ? <ErrorNote error={error} tight /> : <span className={css.problem}>{channel.problem}</span>}
        </li>
      )}
    </>
  );
}

function Channels({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation();
  const channels = useCall("channel.list", {}, { silent: true, topics: ["channels"] });
  return (
    <Rules title={t("plans:tell.title")} note={t("plans:tell.note")}>
      <RuleRow icon={<IconBell {...icon} />} title={t("plans:tell.desktop")} line={t("plans:tell.desktopLine")}>
        <Button component={Link} to={paths.settings("notifications")} size="compact-sm">
          {t("plans:tell.settings")}
        </Button>
      </RuleRow>
      <ListStates
        query={channels}
        rows={2}
        isEmpty={(data) => data.channels.length === 0}
        empty={
          <RuleRow title={t("plans:tell.none")} line={t("plans:tell.noneLine")}>
            <Button component={Link} to={paths.settings("notifications")} size="compact-sm">
              {t("plans:tell.add")}
            </Button>
          </RuleRow>
        }
      >
        {(data) => data.channels.map((channel) => <Channel key={channel.id} channel={channel} plan={plan.name} />)}
      </ListStates>
    </Rules>
  );
}

function Hook({
  which,
  hook,
  onChange,
}: {
  which: "before" | "after";
  hook: HookSpec | null | undefined;
  onChange: (hook: HookSpec | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <RuleRow
        title={t(`plans:hook.${which}`)}
        line={t(`plans:hook.${which}Line`)}
        on={hook != null}
        onSwitch={(on) => onChange(on ? { command: "", seconds: 300 } : null)}
      />
      {hook && (
        <li className={css.hook}>
          <TextInput
            className={css.command ?? ""}
            label={t("plans:hook.command")}
            aria-label={t("plans:hook.commandOf", { which: t(`plans:hook.${which}`) })}
            classNames={{ input: "mono" }}
            spellCheck={false}
            autoComplete="off"
            value={hook.command}
            error={hook.command.trim() === "" ? t("plans:hook.empty") : undefined}
            onChange={(event) => onChange({ ...hook, command: event.currentTarget.value })}
          />
          <NumberInput
            className={css.seconds ?? ""}
            label={t("plans:hook.seconds")}
            min={1}
            max={86_400}
            allowDecimal={false}
            allowNegative={false}
            value={hook.seconds ?? 300}
            onChange={(next) => typeof next === "number" && next > 0 && onChange({ ...hook, seconds: next })}
          />
        </li>
      )}
    </>
  );
}

/** The tab. */
export function TellTab({ plan, edit }: { plan: PlanRow; edit: PlanEdit }) {
  const { t } = useTranslation();
  const { hooks } = edit.draft.spec;
  return (
    <div className={css.column}>
      <Channels plan={plan} />
      <Rules title={t("plans:hook.title")} note={t("plans:hook.note")}>
        {(["before", "after"] as const).map((which) => (
          <Hook
            key={which}
            which={which}
            hook={hooks[which]}
            onChange={(hook) => edit.changeSpec({ hooks: { ...hooks, [which]: hook } })}
          />
        ))}
      </Rules>
    </div>
  );
}
