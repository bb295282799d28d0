/** Was that intended? What follows from a yes, the number typed as proof that it was read, and the safe way with the focus. */
import { Button, Checkbox, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError, call, type HoldRow } from "../../api";
import { useTranslation } from "../../i18n";
import { count } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { announce } from "../../shared/live";
import { StatusGlyph } from "../../shared/StatusGlyph";
import { canReview, tripFacts, tripQuestion } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import { shortMoment } from "./GuardCard";
import css from "./guard.module.css";

/** The number in what was typed: with or without the marks between thousands. */
export function typedNumber(text: string): number | undefined {
  const digits = text.replace(/[\s.,'’\u00a0\u202f]/g, "");
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** What is asked about. */
export interface ReleaseDialogProps {
  /** The alarms of one cause, one for each vault; none: the dialog is closed. They are answered together. */
  holds: HoldRow[];
  onClose: () => void;
  onReleased?: (() => void) | undefined;
}

function Body({ holds, hold, onClose, onReleased }: ReleaseDialogProps & { hold: HoldRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const { number } = tripFacts(hold.trip);
  // Columns and collections are named in the question itself; a number proves something only where much went.
  const counted = canReview(hold.trip);
  const [typed, setTyped] = useState("");
  const [note, setNote] = useState("");
  const canPin = hold.before != null;
  const [pin, setPin] = useState(canPin);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const ready = !counted || typedNumber(typed) === number;
  const time = hold.beforeTime ? shortMoment(hold.beforeTime, now) : "";
  const release = async () => {
    setBusy(true);
    setError(null);
    try {
      for (const one of holds) {
        const request = {
          hold: one.id,
          ...(counted ? { confirm: number } : {}),
          ...(note.trim() ? { note: note.trim() } : {}),
          pin: pin && one.before != null,
        };
        // Of several alarms of one cause some may have been answered by a try before.
        await call("hold.release", request).catch((thrown) => {
          if (holds.length === 1 || asError(thrown).code !== "changed") {
            throw thrown;
          }
        });
      }
      announce(t("sources:release.done", { name: hold.source }));
      onClose();
      onReleased?.();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) {
          void release();
        }
      }}
    >
      <p className="quiet">{t("sources:release.then", { name: hold.source })}</p>
      <ul className={css.then}>
        <li>{time ? t("sources:release.retention", { time }) : t("sources:release.retentionBare")}</li>
        <li>{t("sources:release.nothing")}</li>
      </ul>
      {canPin && (
        <Checkbox
          label={time ? t("sources:release.pin", { time }) : t("sources:release.pinBare")}
          checked={pin}
          onChange={(event) => setPin(event.currentTarget.checked)}
        />
      )}
      {counted && (
        <TextInput
          mt="md"
          className={css.number ?? ""}
          label={t("common:confirm.typeToConfirm", { text: count(number) })}
          placeholder={count(number)}
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Textarea
        mt="sm"
        label={t("sources:release.note")}
        description={t("sources:release.noteHelp")}
        autosize
        minRows={1}
        maxRows={4}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button type="submit" loading={busy} disabled={!ready}>
          {t("sources:release.yes")}
        </Button>
        <Button variant="filled" data-autofocus onClick={onClose}>
          {t("sources:release.no")}
        </Button>
      </Group>
    </form>
  );
}

/** The dialog. */
export function ReleaseDialog({ holds, onClose, onReleased }: ReleaseDialogProps) {
  const { t } = useTranslation();
  const [hold] = holds;
  return (
    <Modal
      opened={hold !== undefined}
      onClose={onClose}
      size="33.75rem"
      title={
        hold && (
          <span className={css.dialogTitle}>
            <StatusGlyph status="guard" size={22} />
            <span>{tripQuestion(hold.trip, t)}</span>
          </span>
        )
      }
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {hold && <Body key={hold.id} holds={holds} hold={hold} onClose={onClose} onReleased={onReleased} />}
    </Modal>
  );
}
