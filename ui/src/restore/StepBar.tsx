/** The seven steps, and where one is. Steps behind can be gone back to as long as nothing runs. */
import { useTranslation } from "../i18n";
import { Steps } from "../shared/Steps";

const names = ["when", "what", "where", "conflicts", "preview", "run", "report"] as const;

/** Number of a step, from 0. */
export type StepNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The row of steps. */
export function StepBar({ step, onStep }: { step: StepNumber; onStep?: (step: StepNumber) => void }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("restore:steps.label")}>
      <Steps
        labels={names.map((name) => t(`restore:steps.${name}`))}
        at={step}
        onStep={onStep && ((to) => onStep(to as StepNumber))}
      />
    </nav>
  );
}
