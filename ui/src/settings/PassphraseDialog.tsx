/** Sets, changes or removes the passphrase of the app lock. */
import { Button, Group, Modal, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { asError, type BackstayError, call, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { PasswordField } from "../shared/PasswordField";
import css from "./settings.module.css";

/** What the dialog does. */
export type PassphraseTask = "set" | "change" | "remove";

/** The dialog; closed without a task. */
export function PassphraseDialog({ task, onClose }: { task: PassphraseTask | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={task !== null}
      onClose={onClose}
      title={task ? t(`settings:lock.${task}Title`) : ""}
      size="28rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {task && <Form task={task} onClose={onClose} />}
    </Modal>
  );
}

function Form({ task, onClose }: { task: PassphraseTask; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const wrong = error?.code === "auth";
  const ready = (task === "set" || current !== "") && (task === "remove" || (next !== "" && next === again));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      // Silent: this dialog asks for the passphrase itself.
      await call(
        "lock.set",
        { ...(task === "set" ? {} : { current }), ...(task === "remove" ? {} : { new: next }) },
        { silent: true },
      );
      await refresh(["lock", "audit"]);
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className={css.form}>
      <p className="quiet">{t(`settings:lock.${task}Text`)}</p>
      {task !== "set" && (
        <PasswordInput
          label={t("settings:lock.current")}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={wrong ? t("shell:lock.wrong") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("common:password.show") }}
          autoComplete="off"
          data-autofocus
        />
      )}
      {task !== "remove" && (
        <PasswordField
          label={t("settings:lock.new")}
          value={next}
          onChange={setNext}
          repeat={again}
          onRepeat={setAgain}
          first={task === "set"}
        />
      )}
      {error && !wrong && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="md" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button type="submit" variant="filled" loading={busy} disabled={!ready}>
          {t(`settings:lock.${task}Yes`)}
        </Button>
      </Group>
    </form>
  );
}
