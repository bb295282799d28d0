/** A row of a plan: what it is about at the left, the choice at the right. */
import { Switch } from "@mantine/core";
import { type ReactNode, useId } from "react";
import css from "./plan.module.css";

/** A row. */
export interface RuleRowProps {
  title: string;
  line?: ReactNode;
  icon?: ReactNode;
  /** A switch before the title; absent: the row has none. */
  on?: boolean;
  onSwitch?: (on: boolean) => void;
  /** Cannot be switched. */
  fixed?: boolean;
  children?: ReactNode;
}

/** The row, to stand in a `Rules`. */
export function RuleRow({ title, line, icon, on, onSwitch, fixed = false, children }: RuleRowProps) {
  const id = useId();
  return (
    <li className={css.rule}>
      {icon && (
        <span className={css.ruleIcon} aria-hidden>
          {icon}
        </span>
      )}
      {on !== undefined && (
        <Switch
          checked={on}
          disabled={fixed}
          {...(fixed && on ? { classNames: { track: css.fixedTrack ?? "" } } : {})}
          aria-label={title}
          aria-describedby={line ? id : undefined}
          onChange={(event) => onSwitch?.(event.currentTarget.checked)}
        />
      )}
      <div className={css.ruleText}>
        <div className="strong">{title}</div>
        {line && (
          <div className={css.ruleLine} id={id}>
            {line}
          </div>
        )}
      </div>
      {children && <div className={css.ruleChoice}>{children}</div>}
    </li>
  );
}

/** Rows in a box, under a heading. */
export function Rules({
  title,
  icon,
  children,
  note,
}: {
  title: string;
  icon?: ReactNode;
  children: ReactNode;
  note?: ReactNode;
}) {
  return (
    <section className={css.rules} aria-label={title}>
      <h2>
        {icon}
        {title}
      </h2>
      <ul className="card">{children}</ul>
      {note && <p className="note">{note}</p>}
    </section>
  );
}
