/** Shows a file or folder in the file manager; where there is none, it says so instead of doing nothing. */
import { Button, type ButtonProps } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";
import { useState } from "react";
import { asError, type BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "./ErrorNote";

/** Shows a path, or rejects with the reason as a `BackstayError`. */
export async function reveal(path: string): Promise<void> {
  try {
    await platform().shell("shell.reveal", { path });
  } catch (thrown) {
    throw asError(thrown);
  }
}

/** The button, with its error beneath. */
export function RevealButton({ path, ...button }: { path: string } & Pick<ButtonProps, "variant" | "size">) {
  const { t } = useTranslation();
  const [error, setError] = useState<BackstayError | null>(null);
  const show = () => {
    setError(null);
    reveal(path).catch(setError);
  };
  return (
    <>
      <Button leftSection={<IconFolderOpen size="0.9375rem" />} onClick={show} {...button}>
        {t("common:action.reveal")}
      </Button>
      {error && <ErrorNote error={error} tight />}
    </>
  );
}
