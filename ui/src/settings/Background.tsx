/** Settings › General, in the background: who runs the plans, what the system starts, and who notices when all of it stops. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { type AgentInstallReply, type AgentReply, useCall } from "../api";
import { useTranslation } from "../i18n";
import { exact, moment } from "../i18n/format";
import { ListStates } from "../shared/ListStates";
import { type Status, StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { AgentDialog } from "./AgentDialog";
import { AgentResult } from "./AgentResult";
import { RemoveAgent } from "./RemoveAgent";
import { SettingRow } from "./SettingRow";
import css from "./settings.module.css";

function State({ status, word, line }: { status: Status; word: string; line?: string }) {
  return (
    <span className={css.state} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} />
      <span>
        {word}
        {line && <span className={css.stateLine}> {line}</span>}
      </span>
    </span>
  );
}

/** Which process runs the plans, and what comes next. */
function Who({ agent }: { agent: AgentReply }) {
  const { t } = useTranslation();
  const now = useNow();
  const { next, since, alive } = agent;
  const facts = [
    agent.running ? "" : t("settings:background.nobodyLine"),
    next
      ? t("settings:background.next", {
          task: t(`common:job.task.${next.task}`),
          time: moment(next.at, now),
        })
      : "",
    agent.onBattery ? t("settings:background.onBattery") : "",
    agent.metered ? t("settings:background.onMetered") : "",
    ...agent.notes,
  ];
  const time = agent.running
    ? since && t("settings:background.since", { time: moment(since, now) })
    : alive && t("settings:background.alive", { time: moment(alive, now) });
  const who = agent.here ? t("settings:background.here") : (agent.process ?? t("common:app"));
  return (
    <SettingRow id="who" title={t("settings:background.who")} line={facts.filter(Boolean).join(" ")}>
      <span title={since ? exact(since) : undefined}>
        <State
          status={agent.running ? "complete" : "overdue"}
          word={agent.running ? who : t("settings:background.nobody")}
          {...(time ? { line: time } : {})}
        />
      </span>
    </SettingRow>
  );
}

/** What the system was told to do, as a line. */
function useWatching(agent: AgentReply): string {
  const { t } = useTranslation();
  const now = useNow();
  const { watcher } = agent;
  if (!watcher.lastLook) {
    return t("settings:background.noLook");
  }
  return t("settings:background.lastLook", {
    time: moment(watcher.lastLook, now),
    saw: t(`settings:background.saw.${watcher.saw ?? "running"}`, { defaultValue: watcher.saw ?? "" }),
  });
}

function Rows({ agent }: { agent: AgentReply }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<"install" | "remove" | null>(null);
  const [done, setDone] = useState<{ reply: AgentInstallReply; removed: boolean } | null>(null);
  const watching = useWatching(agent);
  const { watcher } = agent;
  const by = watcher.by ? t(`settings:background.by.${watcher.by}`, { defaultValue: watcher.by }) : "";
  const installed = agent.installed
    ? t(agent.enabled ? "settings:background.agentOn" : "settings:background.agentOff")
    : "";
  return (
    <>
      <Who agent={agent} />
      <SettingRow
        id="agent"
        title={t("settings:background.agent")}
        line={
          <>
            {t("settings:background.agentLine")} {installed && <span className={css.now}>{installed}</span>}
          </>
        }
      >
        {agent.installed ? (
          <Button onClick={() => setAsked("remove")}>{t("settings:background.remove")}</Button>
        ) : (
          <Button onClick={() => setAsked("install")}>{t("settings:background.install")}</Button>
        )}
      </SettingRow>
      <SettingRow
        id="watch"
        title={t("settings:background.watch")}
        line={
          <>
            {t("settings:background.watchLine")}{" "}
            {watcher.installed && (
              <span className={css.now}>{[by && `${by}.`, watching].filter(Boolean).join(" ")}</span>
            )}
          </>
        }
      >
        <State
          status={watcher.installed ? (watcher.saw === "silent" ? "overdue" : "complete") : "none"}
          word={t(watcher.installed ? "settings:background.watchOn" : "settings:background.watchOff")}
        />
      </SettingRow>
      {done && <AgentResult {...done} />}
      <AgentDialog
        opened={asked === "install"}
        onClose={() => setAsked(null)}
        onDone={(reply) => setDone({ reply, removed: false })}
      />
      <RemoveAgent
        opened={asked === "remove"}
        system={watcher.by === "systemdSystem"}
        onClose={() => setAsked(null)}
        onDone={(reply) => setDone({ reply, removed: true })}
      />
    </>
  );
}

/** The rows in all their states. */
export function Background() {
  const { t } = useTranslation();
  const query = useCall("agent.status", {}, { silent: true, topics: ["plans", "settings"] });
  return (
    <ListStates query={query} rows={3} what={t("settings:background.reading")}>
      {(agent) => <Rows agent={agent} />}
    </ListStates>
  );
}
