/** What came of installing or removing: done, or what is left to do by hand, line by line to copy. */
import type { AgentInstallReply } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";
import { CopyLines } from "./CopyLines";

/** The note. */
export function AgentResult({ reply, removed }: { reply: AgentInstallReply; removed: boolean }) {
  const { t } = useTranslation();
  const steps = reply.nextSteps;
  const ok = removed || reply.enabled;
  const title =
    steps.length === 0 && ok
      ? t(removed ? "settings:agent.removed" : "settings:agent.done")
      : t(removed ? "settings:agent.leftRemoved" : "settings:agent.left");
  return (
    <div role="status">
      <Note status={steps.length === 0 && ok ? "complete" : "partial"} title={title}>
        {!removed && reply.files.length > 0 && (
          <p>{t("settings:agent.written", { count: reply.files.length, n: count(reply.files.length) })}</p>
        )}
        {steps.length > 0 && <CopyLines lines={steps} label={title} />}
      </Note>
    </div>
  );
}
