/** Starts backups as jobs, and keeps what stood in the way so that the page can show it. */
import { useState } from "react";
import { asError, type BackstayError, type BackupRequest, startJob } from "../api";

/** The function that starts one, and why the last try did not. */
export interface StartBackup {
  start: (request: BackupRequest) => void;
  error: BackstayError | null;
  /** Tries the last one again. */
  again: () => void;
}

/** For pages with buttons that back up. */
export function useBackup(): StartBackup {
  const [error, setError] = useState<BackstayError | null>(null);
  const [last, setLast] = useState<BackupRequest | null>(null);
  const start = (request: BackupRequest) => {
    setError(null);
    setLast(request);
    startJob("backup", request).catch((thrown) => setError(asError(thrown)));
  };
  return { start, error, again: () => last && start(last) };
}
