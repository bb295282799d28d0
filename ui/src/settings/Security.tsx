/** Settings › Security: the app lock, where secrets are kept, what is written down. */
import { Button, Checkbox, Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { asError, type BackstayError, call, type LockScope, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { PassphraseDialog, type PassphraseTask } from "./PassphraseDialog";
import { Section, SettingRow } from "./SettingRow";
import css from "./settings.module.css";
import type { SectionProps } from "./useSettings";

const scopes: (keyof LockScope)[] = ["opening", "restoring", "deleting"];
/** Minutes without input; 0 never. */
const waits = [0, 1, 5, 15, 30, 60, 240];

function AppLock({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  const lock = useCall("lock.state", {}, { silent: true });
  const [task, setTask] = useState<PassphraseTask | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const set = lock.data?.set ?? false;
  const minutes = waits.includes(settings.lockAfter) ? waits : [...waits, settings.lockAfter].sort((a, b) => a - b);
  return (
    <Section title={t("settings:lock.title")}>
      <SettingRow id="lock" title={t("settings:lock.passphrase")} line={t("settings:lock.passphraseLine")}>
        {set ? (
          <>
            <Button onClick={() => setTask("change")}>{t("settings:lock.change")}</Button>
            <Button onClick={() => setTask("remove")}>{t("settings:lock.remove")}</Button>
          </>
        ) : (
          <Button disabled={!lock.data} onClick={() => setTask("set")}>
            {t("settings:lock.set")}
          </Button>
        )}
      </SettingRow>
      <SettingRow
        id="scope"
        title={t("settings:lock.scope")}
        line={t(set ? "settings:lock.scopeLine" : "settings:lock.needsPassphrase")}
        failed={failed}
      >
        <div className={css.checks} role="group" aria-labelledby="scope-title">
          {scopes.map((name) => (
            <Checkbox
              key={name}
              label={t(`settings:lock.${name}`)}
              checked={settings.lock[name]}
              disabled={!set}
              onChange={(event) => change("scope", { lock: { ...settings.lock, [name]: event.currentTarget.checked } })}
            />
          ))}
        </div>
      </SettingRow>
      <SettingRow id="after" title={t("settings:lock.after")} line={t("settings:lock.afterLine")} failed={failed}>
        <Select
          aria-labelledby="after-title"
          allowDeselect={false}
          disabled={!set || !settings.lock.opening}
          value={String(settings.lockAfter)}
          data={minutes.map((value) => ({
            value: String(value),
            label:
              value === 0 ? t("settings:lock.never") : t("settings:lock.minutes", { count: value, n: count(value) }),
          }))}
          onChange={(value) => value && change("after", { lockAfter: Number(value) })}
        />
      </SettingRow>
      <SettingRow id="now" title={t("settings:lock.now")} line={t("settings:lock.nowLine")}>
        <Button
          disabled={!set || !settings.lock.opening}
          onClick={() =>
            void call("lock.close", {}, { silent: true }).catch((thrown: unknown) => setError(asError(thrown)))
          }
        >
          {t("settings:lock.lockNow")}
        </Button>
      </SettingRow>
      {error && <ErrorNote error={error} tight />}
      <PassphraseDialog task={task} onClose={() => setTask(null)} />
    </Section>
  );
}

function Secrets() {
  const { t } = useTranslation();
  const about = useCall("about", {}, { silent: true });
  return (
    <Section title={t("settings:secrets.title")}>
      <ListStates query={about} rows={1}>
        {(reply) => (
          <>
            <SettingRow id="kept" title={t("settings:secrets.kept")} line={t("settings:secrets.keptLine")}>
              {reply.secretsProblem ? (
                <span className={css.state} style={{ color: statusColor("partial", "ink") }}>
                  <StatusGlyph status="partial" />
                  {t("settings:secrets.nowhere")}
                </span>
              ) : (
                <span className={css.state} style={{ color: statusColor("complete", "ink") }}>
                  <StatusGlyph status="complete" />
                  {reply.secrets}
                </span>
              )}
            </SettingRow>
            {reply.secretsProblem && (
              <Note status="partial" title={t("settings:secrets.noKeychain")}>
                <p>{t("settings:secrets.noKeychainLine")}</p>
                <p>{t("settings:secrets.whatToDo")}</p>
                <p className="note">{reply.secretsProblem}</p>
              </Note>
            )}
          </>
        )}
      </ListStates>
    </Section>
  );
}

/** The section. */
export function Security(props: SectionProps) {
  const { t } = useTranslation();
  return (
    <>
      <AppLock {...props} />
      <Secrets />
      <Section title={t("settings:traces.title")}>
        <SettingRow id="audit" title={t("settings:traces.audit")} line={t("settings:traces.auditLine")}>
          <Button component={Link} to={paths.audit()}>
            {t("settings:traces.open")}
          </Button>
        </SettingRow>
        <SettingRow id="logs" title={t("settings:traces.logs")} line={t("settings:traces.logsLine")}>
          <span className="quiet">{t("settings:traces.off")}</span>
        </SettingRow>
      </Section>
    </>
  );
}
