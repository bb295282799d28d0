/** Installs the agent and the look from outside: shows every file that would be written before anything is. */
import { Button, Group, Modal, Radio, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import {
  type AgentInstallReply,
  type AgentInstallRequest,
  asError,
  type BackstayError,
  call,
  useCall,
  useRefresh,
} from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import css from "./settings.module.css";

interface AgentDialogProps {
  opened: boolean;
  onClose: () => void;
  onDone: (reply: AgentInstallReply) => void;
}

/** The dialog. */
export function AgentDialog({ opened, onClose, onDone }: AgentDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("settings:agent.installTitle")}
      size="36rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {opened && <Form onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

/** The files, each to unfold. */
function Files({ request }: { request: AgentInstallRequest }) {
  const { t } = useTranslation();
  const preview = useCall(
    "agent.install",
    { ...request, dryRun: true },
    { silent: true, topics: ["plans"], keep: true },
  );
  return (
    <ListStates query={preview} rows={2} what={t("settings:agent.preparing")}>
      {({ files }) => (
        <div className={css.files}>
          <h3>{t("settings:agent.files", { count: files.length, n: count(files.length) })}</h3>
          {files.map(([path, content]) => (
            <details key={path}>
              <summary aria-label={t("settings:agent.show", { file: path })}>
                <code>{path}</code>
              </summary>
              <pre tabIndex={0}>{content ?? ""}</pre>
            </details>
          ))}
        </div>
      )}
    </ListStates>
  );
}

interface ForWhomProps {
  system: boolean;
  setSystem: (system: boolean) => void;
  user: string;
  setUser: (user: string) => void;
}

function ForWhom({ system, setSystem, user, setUser }: ForWhomProps) {
  const { t } = useTranslation();
  return (
    <>
      <Radio.Group
        label={t("settings:agent.forWhom")}
        value={system ? "machine" : "me"}
        onChange={(value) => setSystem(value === "machine")}
      >
        <div className={css.checks}>
          {(["me", "machine"] as const).map((name) => (
            <Radio
              key={name}
              value={name}
              label={t(`settings:agent.${name}`)}
              description={t(`settings:agent.${name}Line`)}
            />
          ))}
        </div>
      </Radio.Group>
      {system && (
        <TextInput
          label={t("settings:agent.user")}
          description={t("settings:agent.userLine")}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          autoComplete="off"
        />
      )}
    </>
  );
}

function Form({ onClose, onDone }: Omit<AgentDialogProps, "opened">) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [system, setSystem] = useState(false);
  const [user, setUser] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const request: AgentInstallRequest = { system, ...(system && user.trim() ? { user: user.trim() } : {}) };
  const install = async (force: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const reply = await call("agent.install", { ...request, ...(force ? { force } : {}) });
      await refresh(["plans", "settings", "audit"]);
      onDone(reply);
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void install(false);
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <ForWhom system={system} setSystem={setSystem} user={user} setUser={setUser} />
      <Files request={request} />
      {error && (
        <ErrorNote
          error={error}
          tight
          actions={
            // Somebody edited a file: that is refused until they say that it may go.
            (error.code === "refused" || error.code === "changed") && (
              <Button onClick={() => void install(true)}>{t("settings:agent.overwrite")}</Button>
            )
          }
        />
      )}
      <Group justify="flex-end" mt="md" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button type="submit" variant="filled" loading={busy} data-autofocus>
          {t("settings:agent.go")}
        </Button>
      </Group>
    </form>
  );
}
