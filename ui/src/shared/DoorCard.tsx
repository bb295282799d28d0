/** A large card to press: a way in. */
import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./DoorCard.module.css";

/** What stands on the card. */
export interface DoorCardProps {
  icon: ReactNode;
  title: string;
  line: string;
  onClick: () => void;
  /** At the right edge. */
  end?: ReactNode;
  /** The one chosen already. */
  current?: boolean;
  /** Ground of the icon in the accent's colour: the first of several ways. */
  first?: boolean;
  disabled?: boolean;
}

/** One way in. */
export function DoorCard({
  icon,
  title,
  line,
  onClick,
  end,
  current = false,
  first = false,
  disabled = false,
}: DoorCardProps) {
  return (
    <UnstyledButton
      className={css.door ?? ""}
      onClick={onClick}
      disabled={disabled}
      data-current={current || undefined}
      {...(current ? { "aria-current": "true" as const } : {})}
    >
      <span className={css.icon} data-first={first || undefined}>
        {icon}
      </span>
      <span className={css.text}>
        <span className={css.title}>{title}</span>
        <span className={css.line}>{line}</span>
      </span>
      <span className={css.end}>{end}</span>
    </UnstyledButton>
  );
}
