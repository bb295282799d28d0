/** The lock before everything: one passphrase, and nothing of what lies behind. */
import { Button, PasswordInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { asError, call, type LockState, loadJobs } from "../api";
import { useTranslation } from "../i18n";
import { clock } from "../i18n/format";
import { AppIcon } from "../shared/AppIcon";
import { ErrorNote } from "../shared/ErrorNote";
import { usePageTitle } from "../shared/PageHeader";
import css from "./LockScreen.module.css";

/** Asks for the passphrase. The right one brings the window back as it was. */
export function LockScreen({ state }: { state: LockState }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [passphrase, setPassphrase] = useState("");
  const [failure, setFailure] = useState<ReturnType<typeof asError> | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  usePageTitle(t("shell:lock.title"));
  const unlock = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await call("lock.open", { passphrase }, { silent: true });
      await client.resetQueries();
      await loadJobs().catch(() => undefined);
    } catch (thrown) {
      setFailure(asError(thrown));
      setPassphrase("");
      field.current?.focus();
      await client.invalidateQueries({ queryKey: ["lock.state"] });
    } finally {
      setBusy(false);
    }
  };
  const wrong = failure && (failure.code === "auth" || failure.code === "appLocked");
  return (
    <main className={css.screen} data-region aria-label={t("shell:lock.title")}>
      <form className={css.form} onSubmit={(event) => void unlock(event)}>
        <AppIcon size={66} />
        <h1>{t("shell:lock.title")}</h1>
        <p className="quiet">{t("shell:lock.goesOn")}</p>
        <PasswordInput
          ref={field}
          className={css.field ?? ""}
          aria-label={t("shell:lock.passphrase")}
          placeholder={t("shell:lock.passphrase")}
          leftSection={<IconLock size="1rem" />}
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
          error={wrong ? t("shell:lock.wrong") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("common:password.show") }}
          autoComplete="off"
          autoFocus
        />
        {state.waitUntil && <p role="status">{t("shell:lock.wait", { time: clock(state.waitUntil) })}</p>}
        <Button type="submit" variant="filled" size="md" fullWidth loading={busy} disabled={passphrase === ""}>
          {t("shell:lock.unlock")}
        </Button>
        {failure && !wrong && <ErrorNote error={failure} tight />}
      </form>
    </main>
  );
}
