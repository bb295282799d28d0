/** The row of steps of an assistant, and where one is. Steps behind can be gone back to while they may. */
import { Stepper } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import css from "./Steps.module.css";

/** What the row shows. */
export interface StepsProps {
  /** Names of the steps, in order. */
  labels: string[];
  /** Where one is, from 0. */
  at: number;
  /** Goes back to an earlier step; without it none can be chosen. */
  onStep: ((at: number) => void) | undefined;
  className?: string;
}

/** The row of steps. */
export function Steps({ labels, at, onStep, className }: StepsProps) {
  return (
    <Stepper
      className={className ?? ""}
      active={at}
      onStepClick={(to) => onStep?.(to)}
      classNames={{
        root: css.root ?? "",
        steps: css.steps ?? "",
        step: css.step ?? "",
        stepIcon: css.icon ?? "",
        stepLabel: css.label ?? "",
        separator: css.separator ?? "",
      }}
      completedIcon={<IconCheck size="0.75rem" stroke={2.6} />}
    >
      {labels.map((label, index) => (
        <Stepper.Step
          key={label}
          label={label}
          allowStepSelect={onStep !== undefined && index < at}
          disabled={onStep === undefined || index > at}
          {...(index === at ? { "aria-current": "step" as const } : {})}
        />
      ))}
    </Stepper>
  );
}
