/** A few sentences that belong to a state or give a hint: in the page, not over it. */
import { IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./Note.module.css";
import { type Status, StatusGlyph, statusColor } from "./StatusGlyph";

/** What a note says. */
export interface NoteProps {
  /** Its state; plain hints have none and stand beside an (i). */
  status?: Status;
  title?: string;
  children?: ReactNode;
  /** Buttons and links, beneath. */
  actions?: ReactNode;
}

/** A note on the ground of its state. */
export function Note({ status, title, children, actions }: NoteProps) {
  const ground = status ? statusColor(status, "tint") : "var(--bs-sunken)";
  return (
    <div className={css.note} style={{ background: ground }} data-status={status ?? "hint"} role="note">
      {status ? (
        <StatusGlyph status={status} size={17} ground={ground} label />
      ) : (
        <IconInfoCircle size="1.0625rem" className={css.hint} aria-hidden />
      )}
      <div className={css.text}>
        {title && (
          <div className={css.title} {...(status ? { style: { color: statusColor(status, "ink") } } : {})}>
            {title}
          </div>
        )}
        {children}
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
    </div>
  );
}
