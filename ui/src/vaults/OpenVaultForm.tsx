/** Opens a vault that exists: by its password, or by the words of its recovery kit. */
import { Button, Checkbox, Group, PasswordInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError, call, type VaultRow } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { PathField } from "../shared/PathField";
import { usePlace } from "./usePlace";

/** Words as the vault knows them: small, one blank between, without the numbers of the page. */
export function asWords(text: string): string {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => /\p{L}/u.test(word))
    .map((word) => word.replace(/^\d+\.?/, ""))
    .join(" ");
}

/** Last part of a path. */
function lastPart(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, "")
      .split(/[/\\:]/)
      .pop() ?? ""
  );
}

/** The form. `start` is a path to begin with. */
export function OpenVaultForm({ start = "", onOpened }: { start?: string; onOpened: (vault: VaultRow) => void }) {
  const { t } = useTranslation();
  const [path, setPath] = useState(start);
  const [name, setName] = useState("");
  const [by, setBy] = useState<"words" | "password">("password");
  const [secret, setSecret] = useState("");
  const [remember, setRemember] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const found = usePlace(path);
  const called = name.trim() || lastPart(path.trim());
  const open = async () => {
    setBusy(true);
    setError(null);
    try {
      const password = by === "words" ? asWords(secret) : secret;
      onOpened(await call("vault.add", { name: called, path: path.trim(), remember }, { password, silent: true }));
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const ready = path.trim() !== "" && secret.trim() !== "" && called !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) {
          void open();
        }
      }}
    >
      <Stack gap="lg" maw="32.5rem">
        <PathField
          required
          choose="folder"
          label={t("vaults:open.path")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          description={t("vaults:open.pathHelp")}
          value={path}
          onChange={setPath}
        />
        {found && found.kind !== "vault" && (
          <Note status="partial" title={t(found.kind === "missing" ? "vaults:open.missing" : "vaults:open.noVault")}>
            {t("vaults:open.noVaultLine")}
          </Note>
        )}
        <SegmentedControl
          aria-label={t("vaults:open.by")}
          value={by}
          onChange={(next) => {
            setBy(next as "words" | "password");
            setSecret("");
            setError(null);
          }}
          data={[
            { value: "password", label: t("vaults:open.byPassword") },
            { value: "words", label: t("vaults:open.byWords") },
          ]}
        />
        {by === "password" ? (
          <PasswordInput
            required
            label={t("common:password.label")}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            autoComplete="off"
            visibilityToggleButtonProps={{ "aria-label": t("common:password.show") }}
          />
        ) : (
          <Textarea
            required
            autosize
            minRows={2}
            label={t("vaults:open.words")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            description={t("vaults:open.wordsHelp")}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            spellCheck={false}
            autoComplete="off"
          />
        )}
        <TextInput
          label={t("vaults:new.name")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          description={t("vaults:open.nameHelp")}
          placeholder={lastPart(path)}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox
          label={t("vaults:password.remember")}
          checked={remember}
          onChange={(event) => setRemember(event.currentTarget.checked)}
        />
        {error && (
          <ErrorNote
            error={error}
            tight
            {...(error.code === "auth"
              ? { title: t(by === "words" ? "vaults:open.wrongWords" : "vaults:open.wrongPassword") }
              : {})}
            safe={t("vaults:open.safe")}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" variant="filled" disabled={!ready} loading={busy}>
            {t("vaults:open.open")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
