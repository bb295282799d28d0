/** The seven steps, and where one is. Steps behind can be gone back to as long as nothing runs. */
import { Stepper } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "../i18n";
import css from "./StepBar.module.css";

const names = ["when", "what", "where", "conflicts", "preview", "run", "report"] as const;

/** Number of a step, from 0. */
export type StepNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The row of steps. */
export function StepBar({ step, onStep }: { step: StepNumber; onStep?: (step: StepNumber) => void }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("restore:steps.label")}>
      <Stepper
        active={step}
        onStepClick={(to) => onStep?.(to as StepNumber)}
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
        {names.map((name, at) => (
          <Stepper.Step
            key={name}
            label={t(`restore:steps.${name}`)}
            allowStepSelect={onStep !== undefined && at < step}
            disabled={onStep === undefined || at > step}
            {...(at === step ? { "aria-current": "step" as const } : {})}
          />
        ))}
      </Stepper>
    </nav>
  );
}
