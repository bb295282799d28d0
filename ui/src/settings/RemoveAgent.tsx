/** Asks before the agent, and the look from outside with it, is taken from the system. */
import { type AgentInstallReply, call, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "../shared/ConfirmDialog";

interface RemoveAgentProps {
  opened: boolean;
  /** It was installed for the whole computer. */
  system: boolean;
  onClose: () => void;
  onDone: (reply: AgentInstallReply) => void;
}

/** The question. */
export function RemoveAgent({ opened, system, onClose, onDone }: RemoveAgentProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const remove = async () => {
    onDone(await call("agent.uninstall", { system }));
    await refresh(["plans", "settings", "audit"]);
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={t("settings:agent.removeTitle")}
      confirmLabel={t("settings:agent.removeYes")}
      cancelLabel={t("settings:agent.keep")}
      onConfirm={remove}
      onClose={onClose}
    >
      {t("settings:agent.removeText")}
    </ConfirmDialog>
  );
}
