/** One setting: name and explanation at the left, control at the right, and beneath it why a change was not kept. */
import { Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import css from "./settings.module.css";
import type { SectionProps } from "./useSettings";

/** A row. */
export interface SettingRowProps {
  /** Name of the row; also the id its parts are labelled by. */
  id: string;
  title: string;
  line?: ReactNode;
  children?: ReactNode;
  failed?: SectionProps["failed"];
  /** The control needs the whole width. */
  wide?: boolean;
}

/** The row. */
export function SettingRow({ id, title, line, children, failed, wide = false }: SettingRowProps) {
  const { t } = useTranslation();
  return (
    <div className={css.row} data-wide={wide || undefined}>
      <div className={css.about}>
        <div className="strong" id={`${id}-title`}>
          {title}
        </div>
        {line && (
          <div className="note" id={`${id}-line`}>
            {line}
          </div>
        )}
      </div>
      <div className={css.control}>{children}</div>
      {failed?.row === id && (
        <div className={css.failed}>
          <ErrorNote error={failed.error} title={t("settings:notKept")} safe={t("settings:putBack")} tight />
        </div>
      )}
    </div>
  );
}

/** A setting that is on or off. */
export interface SwitchRowProps extends Omit<SettingRowProps, "children" | "wide"> {
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** The row of a switch. */
export function SwitchRow({ checked, disabled = false, onChange, ...row }: SwitchRowProps) {
  return (
    <SettingRow {...row}>
      <Switch
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
        aria-label={row.title}
        aria-describedby={row.line ? `${row.id}-line` : undefined}
      />
    </SettingRow>
  );
}

/** Rows under a heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.section} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
