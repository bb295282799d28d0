/** The one dialog that asks for a secret a call turned out to need. What is typed goes into that call and is forgotten. */
import { Button, Group, Modal, PasswordInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { type SecretNeed, setPrompter } from "../api";
import { useTranslation } from "../i18n";
import type { CallOptions } from "../platform";

interface Asked {
  need: SecretNeed;
  answer: (given: CallOptions | null) => void;
}

/** Waits until a call needs a secret. While the window is locked the lock screen asks instead. */
export function SecretDialog({ locked }: { locked: boolean }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(
    () =>
      setPrompter((need) =>
        locked ? Promise.resolve(null) : new Promise((resolve) => setAsked({ need, answer: resolve })),
      ),
    [locked],
  );
  if (!asked) {
    return null;
  }
  const answer = (given: CallOptions | null) => {
    setAsked(null);
    asked.answer(given);
  };
  return <Ask key={asked.need.tries} need={asked.need} onAnswer={answer} />;
}

function Ask({ need, onAnswer }: { need: SecretNeed; onAnswer: (given: CallOptions | null) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const vault = need.kind === "vaultPassword";
  const title = vault
    ? need.vault
      ? t("shell:secret.vaultTitle", { vault: need.vault })
      : t("shell:secret.anyVaultTitle")
    : t("shell:secret.lockTitle");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAnswer(vault ? { password: typed } : { passphrase: typed });
  };
  return (
    <Modal
      opened
      onClose={() => onAnswer(null)}
      title={title}
      size="26rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <form onSubmit={submit}>
        <p className="quiet">{t(vault ? "shell:secret.vaultText" : "shell:secret.lockText")}</p>
        <PasswordInput
          mt="md"
          label={t(vault ? "common:password.label" : "shell:lock.passphrase")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={need.tries > 0 ? t(vault ? "shell:secret.wrongPassword" : "shell:secret.wrongPassphrase") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("common:password.show") }}
          autoComplete="off"
          data-autofocus
        />
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button onClick={() => onAnswer(null)}>{t("common:action.cancel")}</Button>
          <Button type="submit" variant="filled" disabled={typed === ""}>
            {t("shell:secret.open")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
