/** The request of a preview. What is spelled out needs the content of the backup to mean exactly what is ticked. */
import type { RestoreRequest } from "../api";
import { chosenDatabases } from "./databaseTicks";
import { type Draft, shownRequest } from "./draft";
import { useContent } from "./useContent";
import { useWizard } from "./wizard";

/** `null` while something is missing. */
export function useShown(draft: Draft): RestoreRequest | null {
  const { path } = useWizard();
  const content = useContent(draft.at);
  const waits = !draft.ticks.all && !content.data && !content.error;
  return waits ? null : shownRequest(draft, path, content.data?.databases);
}

/** Names of the databases of which anything comes back. */
export function useDatabases(draft: Draft): string[] {
  const content = useContent(draft.at);
  return chosenDatabases(draft, content.data?.databases ?? []);
}
