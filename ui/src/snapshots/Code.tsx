/** A piece of program or JSON to read and to copy. */
import { Button, CopyButton } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useTranslation } from "../i18n";
import css from "./Code.module.css";

/** `label` says what it is. */
export function Code({ code, label }: { code: string; label: string }) {
  const { t } = useTranslation();
  return (
    <figure className={css.figure}>
      <figcaption className={css.caption}>
        <span className="clip" title={label}>
          {label}
        </span>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconCopy size="0.875rem" />}
              aria-label={t("snapshots:design.copyOf", { name: label })}
              onClick={copy}
            >
              {t(copied ? "common:action.copied" : "snapshots:raw.copy")}
            </Button>
          )}
        </CopyButton>
      </figcaption>
      {/* Scrolls by itself: the keyboard must reach it. */}
      <section className={css.code} tabIndex={0} aria-label={label}>
        <pre>{code}</pre>
      </section>
    </figure>
  );
}
