/** Goes to a row by its number or to a record by its id. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";

/** The dialog. */
export interface JumpDialogProps {
  opened: boolean;
  onClose: () => void;
  total: number;
  locate: (id: string) => Promise<number | null>;
  /** A row, from 0. */
  onJump: (row: number) => void;
}

/** See {@link JumpDialogProps}. A number is a row number; with `#` before it, or if no such row is there, an id. */
export function JumpDialog({ opened, onClose, total, locate, onJump }: JumpDialogProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (opened) {
      setText("");
      setProblem(null);
    }
  }, [opened]);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    const row = Number(wanted.replaceAll(/[\s,.]/g, ""));
    if (/^[\d\s,.]+$/.test(wanted) && row >= 1 && row <= total) {
      onJump(row - 1);
      onClose();
      return;
    }
    try {
      const found = await locate(wanted.replace(/^#/, ""));
      if (found === null) {
        setProblem(t("snapshots:jump.notFound"));
      } else {
        onJump(found);
        onClose();
      }
    } catch (thrown) {
      setProblem(asError(thrown).message);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("snapshots:jump.title")}
      size="24rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <form onSubmit={(event) => void go(event)}>
        <TextInput
          label={t("snapshots:jump.label")}
          description={t("snapshots:jump.help", { total: count(total) })}
          value={text}
          error={problem}
          data-autofocus
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Group justify="flex-end" mt="md" gap="sm">
          <Button onClick={onClose}>{t("common:action.cancel")}</Button>
          <Button type="submit" variant="filled" disabled={!text.trim()}>
            {t("snapshots:jump.go")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
