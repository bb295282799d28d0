/** Lines for a terminal, each with a button that copies it. */
import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "../i18n";
import css from "./settings.module.css";

/** The list. */
export function CopyLines({ lines, label }: { lines: string[]; label: string }) {
  const { t } = useTranslation();
  return (
    <ul className={css.commands} aria-label={label}>
      {lines.map((line) => (
        <li key={line}>
          <code>{line}</code>
          <CopyButton value={line}>
            {({ copied, copy }) => (
              <ActionIcon
                size="1.625rem"
                aria-label={copied ? t("common:action.copied") : t("settings:cli.copy", { line })}
                onClick={copy}
              >
                {copied ? <IconCheck size="1rem" /> : <IconCopy size="1rem" />}
              </ActionIcon>
            )}
          </CopyButton>
        </li>
      ))}
    </ul>
  );
}
