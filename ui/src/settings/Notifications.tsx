/** Settings › Notifications: when to speak up, and whether this computer lets Backstay. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError, type Settings } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { StatusGlyph } from "../shared/StatusGlyph";
import { Section, SettingRow, SwitchRow } from "./SettingRow";
import css from "./settings.module.css";
import type { SectionProps } from "./useSettings";

type Switched = "notifyFailed" | "notifyPartial" | "notifyRestore" | "notifyComplete";
const switches: Switched[] = ["notifyFailed", "notifyPartial", "notifyRestore", "notifyComplete"];

function Test() {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const test = async () => {
    setBusy(true);
    setSent(false);
    setError(null);
    try {
      await platform().shell("shell.testNotification", {});
      setSent(true);
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <SettingRow id="test" title={t("settings:notifications.here")} line={t("settings:notifications.hereLine")}>
        <Button loading={busy} onClick={() => void test()}>
          {t("settings:notifications.test")}
        </Button>
      </SettingRow>
      <div role="status" className={css.result}>
        {sent && (
          <>
            <StatusGlyph status="complete" />
            {t("settings:notifications.sent")}
          </>
        )}
      </div>
      {error && <ErrorNote error={error} title={t("settings:notifications.notSent")} tight />}
    </>
  );
}

/** The section. */
export function Notifications({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t("settings:notifications.when")}>
        {switches.map((name) => (
          <SwitchRow
            key={name}
            id={name}
            title={t(`settings:notifications.${name}`)}
            line={t(`settings:notifications.${name}Line`)}
            checked={settings[name]}
            onChange={(on) => change(name, { [name]: on } as Partial<Settings>)}
            failed={failed}
          />
        ))}
      </Section>
      <Section title={t("settings:notifications.where")}>
        <Test />
      </Section>
    </>
  );
}
