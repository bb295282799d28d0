/** Whether somebody looks that Backstay itself runs; if nobody does, the system can be asked to. */
import { Button, Code, Group, Modal } from "@mantine/core";
import { IconHeartbeat } from "@tabler/icons-react";
import { useState } from "react";
import { type AgentInstallReply, asError, type BackstayError, call, useCall, useRefresh, type Watcher } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { useNow } from "../shared/useNow";
import css from "./proof.module.css";
import { soon } from "./words";

function Install({ onClose, onDone }: { onClose: () => void; onDone: (reply: AgentInstallReply) => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const preview = useCall("agent.install", { dryRun: true }, { silent: true });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const install = async () => {
    setBusy(true);
    setError(null);
    try {
      onDone(await call("agent.install", {}));
      await refresh(["plans"]);
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("plans:watcher.title")}
      size="34rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <p>{t("plans:watcher.what")}</p>
      <ListStates query={preview} rows={2}>
        {(reply) => (
          <ul className={css.files}>
            {reply.files.map(([path, content]) => (
              <li key={path}>
                <details>
                  <summary>
                    <code>{path}</code>
                  </summary>
                  {content && <Code block>{content}</Code>}
                </details>
              </li>
            ))}
          </ul>
        )}
      </ListStates>
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button data-autofocus onClick={onClose}>
          {t("common:action.cancel")}
        </Button>
        <Button variant="filled" loading={busy} disabled={!preview.data} onClick={() => void install()}>
          {t("plans:watcher.install")}
        </Button>
      </Group>
    </Modal>
  );
}

/** The note. */
export function WatcherNote({ watcher }: { watcher: Watcher }) {
  const { t } = useTranslation();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState<AgentInstallReply | null>(null);
  if (watcher.installed) {
    return (
      <div className={css.watched} role="note">
        <IconHeartbeat size="1.125rem" aria-hidden />
        <p>
          <strong>{t("plans:watcher.yes")}</strong> {t("plans:watcher.line")}{" "}
          {watcher.lastLook && t("plans:watcher.last", { time: soon(watcher.lastLook, now, t) })}
        </p>
      </div>
    );
  }
  return (
    <Note
      status="partial"
      title={t("plans:watcher.no")}
      actions={!done && <Button onClick={() => setAsking(true)}>{t("plans:watcher.ask")}</Button>}
    >
      <p>{t("plans:watcher.noLine")}</p>
      {done && done.nextSteps.length > 0 && (
        <>
          <p>{t("plans:watcher.steps")}</p>
          <ul className={css.files}>
            {done.nextSteps.map((step) => (
              <li key={step}>
                <code>{step}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      {asking && <Install onClose={() => setAsking(false)} onDone={setDone} />}
    </Note>
  );
}
