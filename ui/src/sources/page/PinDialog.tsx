/** Pins one backup under a name: no retention removes it. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { type RunPoint, useAct } from "../../api";
import { useTranslation } from "../../i18n";
import { exact } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";

/** As the engine has it, in characters. */
const LONGEST = 80;

function Body({ point, onClose }: { point: RunPoint; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const pin = useAct("snapshot.pin");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const request = { snapshot: point.snapshot ?? "", vault: point.vault ?? null, name: name.trim() };
        pin.mutate(request, { onSuccess: onClose });
      }}
    >
      <p className="quiet">{t("sources:pin.line")}</p>
      <TextInput
        mt="md"
        data-autofocus
        label={t("sources:pin.name")}
        placeholder={t("sources:pin.example")}
        maxLength={LONGEST}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {pin.error && <ErrorNote error={pin.error} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button type="submit" variant="filled" loading={pin.isPending} disabled={name.trim() === ""}>
          {t("sources:pin.yes")}
        </Button>
      </Group>
    </form>
  );
}

/** The dialog; closed without a backup. */
export function PinDialog({ point, onClose }: { point: RunPoint | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={point !== null}
      onClose={onClose}
      size="28rem"
      title={point ? t("sources:pin.title", { time: exact(point.time) }) : ""}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {point && <Body key={point.run} point={point} onClose={onClose} />}
    </Modal>
  );
}
