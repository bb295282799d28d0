/** Asks once before something is deleted or undone: names the thing, says what follows; the safe button has the focus. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { asError, type BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import { ErrorNote } from "./ErrorNote";

/** What is asked. */
export interface ConfirmDialogProps {
  opened: boolean;
  /** The question, with the thing's name. */
  title: string;
  /** What follows from a yes. */
  children?: ReactNode;
  /** A verb and its object: "Remove Billing". */
  confirmLabel: string;
  /** The safe way; "Cancel" by default. */
  cancelLabel?: string;
  /** Must be typed before the confirming button works (a name, a number). */
  typed?: string;
  /** Does it. The dialog waits, shows what went wrong, and closes when it is done. */
  onConfirm: () => unknown;
  onClose: () => void;
}

/** The one dialog of this kind. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, children, confirmLabel, cancelLabel, typed, onConfirm, onClose } = props;
  const { t } = useTranslation();
  const [given, setGiven] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  useEffect(() => {
    if (opened) {
      setGiven("");
      setError(null);
    }
  }, [opened]);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size="30rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {children}
      {typed !== undefined && (
        <TextInput
          mt="md"
          label={t("common:confirm.typeToConfirm", { text: typed })}
          value={given}
          onChange={(event) => setGiven(event.currentTarget.value)}
          autoComplete="off"
        />
      )}
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button data-autofocus onClick={onClose}>
          {cancelLabel ?? t("common:action.cancel")}
        </Button>
        <Button onClick={() => void confirm()} loading={busy} disabled={typed !== undefined && given.trim() !== typed}>
          {confirmLabel}
        </Button>
      </Group>
    </Modal>
  );
}
