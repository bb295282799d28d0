/** Saves a file of a snapshot on this computer. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { call, type SnapshotRef } from "../api";
import { asError, type BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { RevealButton } from "../shared/RevealButton";

/** What to save. */
export interface SaveButtonProps {
  at: SnapshotRef;
  path: string;
  /** Suggested name. */
  name: string;
  small?: boolean;
}

/** The button, and afterwards where the file lies. */
export function SaveButton({ at, path, name, small = false }: SaveButtonProps) {
  const { t } = useTranslation();
  const [saved, setSaved] = useState<string | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setError(null);
    // The dialog of the system asks itself before it replaces a file.
    const to = await platform().shell("shell.saveFile", {
      title: t("snapshots:files.saveTitle", { name }),
      suggested: name,
    });
    if (!to) {
      return;
    }
    setBusy(true);
    try {
      setSaved((await call("file.save", { at, path, to, overwrite: true })).path);
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        {...(small ? { size: "compact-sm" } : {})}
        loading={busy}
        leftSection={<IconDownload size="0.9375rem" />}
        onClick={() => void save()}
      >
        {t("snapshots:files.save")}
      </Button>
      {saved && (
        <span className="note" role="status" style={{ overflowWrap: "anywhere" }}>
          {t("snapshots:files.saved", { path: saved })} <RevealButton path={saved} variant="subtle" size="compact-sm" />
        </span>
      )}
      {error && <ErrorNote error={error} tight onRetry={() => void save()} />}
    </>
  );
}
