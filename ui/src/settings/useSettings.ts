/** Settings that count at once: shown as chosen before the engine has kept them, and put back when it does not. */
import { type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { asError, type BackstayError, call, type Settings, useCall } from "../api";

/** Settings and how to change them. */
export interface SettingsStore {
  query: UseQueryResult<Settings, BackstayError>;
  /** Changes some settings. `row` names the row that shows what went wrong. */
  change: (row: string, part: Partial<Settings>) => void;
  /** The last change that was not kept. */
  failed: { row: string; error: BackstayError } | null;
}

const KEY = ["settings.get", {}];

/** The store of one page. */
export function useSettings(): SettingsStore {
  const client = useQueryClient();
  const query = useCall("settings.get", {}, { silent: true });
  const [failed, setFailed] = useState<SettingsStore["failed"]>(null);
  // One after the other: each is made of what the one before left.
  const queue = useRef<Promise<void>>(Promise.resolve());
  const change = useCallback(
    (row: string, part: Partial<Settings>) => {
      const before = client.getQueryData<Settings>(KEY);
      if (!before) {
        return;
      }
      setFailed(null);
      client.setQueryData<Settings>(KEY, { ...before, ...part });
      queue.current = queue.current.then(async () => {
        try {
          const now = client.getQueryData<Settings>(KEY) ?? before;
          const kept = await call("settings.set", { ...now, ...part });
          client.setQueryData(KEY, kept);
        } catch (thrown) {
          // Only what this change touched goes back; what was chosen since stays.
          const old = Object.fromEntries(Object.keys(part).map((name) => [name, before[name as keyof Settings]]));
          client.setQueryData<Settings>(KEY, (now) => ({ ...(now ?? before), ...old }));
          setFailed({ row, error: asError(thrown) });
        }
      });
    },
    [client],
  );
  return { query, change, failed };
}

/** What every section of the page gets. */
export interface SectionProps {
  settings: Settings;
  change: SettingsStore["change"];
  failed: SettingsStore["failed"];
}
