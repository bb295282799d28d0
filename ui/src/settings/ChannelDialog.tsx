/** Adds a channel, changes one, or removes it. Its secret goes into the keychain and is never shown again. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { asError, type BackstayError, type ChannelRow, call, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { ChannelFields } from "./ChannelFields";
import { ChannelScope } from "./ChannelScope";
import { type Draft, draftOf, isReady, type Kind, requestOf } from "./channelWords";
import css from "./settings.module.css";

/** What the dialog does: without a channel it adds one. */
export interface ChannelTask {
  kind: Kind;
  name: string;
  channel?: ChannelRow;
}

/** The dialog; closed without a task. */
export function ChannelDialog({ task, onClose }: { task: ChannelTask | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [removing, setRemoving] = useState(false);
  const refresh = useRefresh();
  const { channel, kind = "webhook" } = task ?? {};
  const remove = async () => {
    await call("channel.remove", { channel: channel?.id ?? "" });
    await refresh(["channels", "audit"]);
    onClose();
  };
  return (
    <>
      <Modal
        opened={task !== null && !removing}
        onClose={onClose}
        title={channel ? t("settings:channel.change", { name: channel.name }) : t(`settings:channel.add.${kind}`)}
        size="34rem"
        closeButtonProps={{ "aria-label": t("common:action.close") }}
      >
        {task && <Form task={task} onClose={onClose} onRemove={() => setRemoving(true)} />}
      </Modal>
      {channel && (
        <ConfirmDialog
          opened={removing}
          title={t("settings:channel.removeTitle", { name: channel.name })}
          confirmLabel={t("settings:channel.removeYes")}
          cancelLabel={t("settings:channel.removeNo")}
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        >
          {t("settings:channel.removeText")}
        </ConfirmDialog>
      )}
    </>
  );
}

interface FormProps {
  task: ChannelTask;
  onClose: () => void;
  onRemove: () => void;
}

function Form({ task, onClose, onRemove }: FormProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const { channel } = task;
  const [draft, setDraft] = useState(() => draftOf(task.kind, task.name, channel));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const ready = isReady(draft, channel !== undefined);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await call("channel.set", requestOf(draft, channel));
      await refresh(["channels", "audit"]);
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className={css.form}>
      <TextInput
        label={t("settings:channel.name")}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      <ChannelFields draft={draft} change={change} exists={channel !== undefined} />
      <ChannelScope draft={draft} change={change} />
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="md" gap="sm">
        {channel && (
          <Button variant="subtle" mr="auto" onClick={onRemove}>
            {t("settings:channel.remove")}
          </Button>
        )}
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button type="submit" variant="filled" loading={busy} disabled={!ready}>
          {t("settings:channel.save")}
        </Button>
      </Group>
    </form>
  );
}
