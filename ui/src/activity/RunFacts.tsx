/** A run in numbers, what it did step by step, and the same from a terminal. */
import { ActionIcon, Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import type { RunDetail } from "../api";
import { useTranslation } from "../i18n";
import { bytes, calendarDay, clockSeconds, count, duration, exact, sameDay } from "../i18n/format";
import css from "./run.module.css";
import { exitCode, sameCommand, shortId } from "./terminal";
import { runSeconds, runWord } from "./words";

const FIRST = 30;

function CopyIcon({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon size="1.625rem" aria-label={copied ? t("common:action.copied") : label} onClick={copy}>
          {copied ? <IconCheck size="1rem" /> : <IconCopy size="1rem" />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

/** The end of a run: without its day when that is the day it began. */
function ended(started: string, finished: string): string {
  const time = clockSeconds(finished);
  return sameDay(started, finished) ? time : `${calendarDay(finished)}, ${time}`;
}

/** Its numbers. */
export function RunNumbers({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const { run } = detail;
  const seconds = runSeconds(run);
  const facts: [string, string][] = [
    [t("activity:facts.started"), `${calendarDay(run.started)}, ${clockSeconds(run.started)}`],
    ...(run.finished ? [[t("activity:facts.finished"), ended(run.started, run.finished)] as [string, string]] : []),
    ...(seconds === undefined ? [] : [[t("activity:facts.took"), duration(seconds)] as [string, string]]),
    ...(run.source ? [[t("activity:facts.source"), run.source] as [string, string]] : []),
    ...(run.vault ? [[t("activity:facts.vault"), run.vault] as [string, string]] : []),
    ...(run.plan ? [[t("activity:facts.plan"), run.plan] as [string, string]] : []),
    [t("activity:facts.items"), count(detail.items)],
    [t("activity:facts.bytes"), bytes(detail.bytes)],
    ...(run.kind === "backup" ? [[t("activity:facts.stored"), bytes(detail.storedBytes)] as [string, string]] : []),
  ];
  const ids = [
    [t("activity:facts.run"), run.id],
    ...(run.snapshot ? [[t("activity:facts.snapshot"), run.snapshot]] : []),
  ] as [string, string][];
  return (
    <section className={css.section} aria-labelledby="numbers">
      <h2 id="numbers">{t("activity:facts.title")}</h2>
      <dl className={`card ${css.facts}`}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ))}
        {ids.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono" title={value}>
              {shortId(value)}
              <CopyIcon value={value} label={t("activity:facts.copy", { what: name })} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What it wrote down while it ran. */
export function RunEvents({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? detail.events : detail.events.slice(0, FIRST);
  const more = detail.events.length - shown.length;
  return (
    <section className={css.section} aria-labelledby="events">
      <h2 id="events">{t("activity:events.title")}</h2>
      {detail.events.length === 0 ? (
        <p className="quiet">{t("activity:events.none")}</p>
      ) : (
        <div className="card">
          <ol className={css.events}>
            {shown.map(([time, message], index) => (
              <li key={`${index} ${time}`}>
                <time dateTime={time} title={exact(time)}>
                  {clockSeconds(time)}
                </time>
                <span>{message}</span>
              </li>
            ))}
          </ol>
          {more > 0 && (
            <Button variant="subtle" fullWidth onClick={() => setAll(true)}>
              {t("activity:events.more", { count: more, n: count(more) })}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** What to type. */
export function RunTerminal({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const { run } = detail;
  const same = sameCommand(run);
  const code = exitCode(run);
  const lines = [
    ...(same ? [same] : []),
    ...(code === undefined
      ? []
      : [`# ${t("activity:terminal.ended", { code, word: runWord(run, t).toLocaleLowerCase() })}`]),
    `backstay runs ${shortId(run.id)} --json`,
    ...(run.canUndo ? [`backstay undo ${shortId(run.id)}`] : []),
    ...(run.canResume ? [`backstay resume ${shortId(run.id)}`] : []),
  ];
  return (
    <section className={css.section} aria-labelledby="terminal">
      <h2 id="terminal">{t("activity:terminal.title")}</h2>
      <div className={css.terminal}>
        <pre tabIndex={0}>{lines.join("\n")}</pre>
        <CopyIcon
          value={lines.filter((line) => !line.startsWith("#")).join("\n")}
          label={t("activity:terminal.copy")}
        />
      </div>
    </section>
  );
}
