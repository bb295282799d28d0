/** Whether this computer lets Backstay show notifications, tried out. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { StatusGlyph } from "../shared/StatusGlyph";
import { SettingRow } from "./SettingRow";
import css from "./settings.module.css";

/** The row, and beneath it how the test went. */
export function DesktopRow() {
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
