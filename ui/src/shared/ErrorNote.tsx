/** An error: what happened, what is untouched, what to do, details to copy. Words are ours by code; the engine's own stand beneath. */
import { Button, CopyButton } from "@mantine/core";
import { IconCopy, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import css from "./ErrorNote.module.css";
import { StatusGlyph } from "./StatusGlyph";

/** An error and the ways on. */
export interface ErrorNoteProps {
  error: BackstayError;
  /** Instead of the general words for the code. */
  title?: string;
  /** What is untouched, where the page knows better than the general words. */
  safe?: string;
  onRetry?: () => void;
  /** More buttons. */
  actions?: ReactNode;
  /** In a dialog or a row: no padding of its own. */
  tight?: boolean;
}

/** Code, message, causes and hint as text, for a report. */
export function errorDetails(error: BackstayError): string {
  return [error.code, error.message, ...error.causes, ...(error.hint ? [error.hint] : [])].join("\n");
}

/** An error where it happened. */
export function ErrorNote({ error, title, safe, onRetry, actions, tight = false }: ErrorNoteProps) {
  const { t } = useTranslation();
  const cancelled = error.code === "cancelled";
  return (
    <div
      className={css.note}
      role={cancelled ? "status" : "alert"}
      data-tight={tight || undefined}
      data-code={error.code}
    >
      <StatusGlyph
        status={cancelled ? "paused" : "failed"}
        size={20}
        label={t(cancelled ? "common:status.cancelled" : "common:status.failed")}
      />
      <div className={css.text}>
        <p className={css.title}>{title ?? t(`common:error.${error.code}.title`)}</p>
        <p>{error.message}</p>
        {error.hint && <p>{error.hint}</p>}
        <p className="quiet">{safe ?? t(`common:error.${error.code}.safe`)}</p>
        <details className={css.details}>
          <summary>{t("common:action.details")}</summary>
          <code>{[error.code, ...error.causes].join(" · ")}</code>
        </details>
        <div className={css.actions}>
          {onRetry && (
            <Button leftSection={<IconRefresh size="0.9375rem" />} onClick={onRetry}>
              {t("common:action.retry")}
            </Button>
          )}
          {actions}
          <CopyButton value={errorDetails(error)}>
            {({ copied, copy }) => (
              <Button variant="subtle" leftSection={<IconCopy size="0.9375rem" />} onClick={copy}>
                {t(copied ? "common:action.copied" : "common:action.copyDetails")}
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
    </div>
  );
}
