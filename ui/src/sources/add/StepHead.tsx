/** Head of the assistant: where one is, and the way out. The page's name stands beneath, as the question of the step. */
import { Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { useTranslation } from "../../i18n";
import { usePageTitle } from "../../shared/PageHeader";
import { paths } from "../../shared/paths";
import { Steps } from "../../shared/Steps";
import type { Step } from "./draft";
import css from "./StepHead.module.css";

/** What the head shows. */
export interface StepHeadProps {
  steps: Step[];
  step: Step;
  /** Steps that can be gone back to. */
  onStep: (step: Step) => void;
  onClose: () => void;
  /** What goes on after closing. */
  running: boolean;
  title: string;
  line: string;
}

/** Crumb, stepper, question. */
export function StepHead({ steps, step, onStep, onClose, running, title, line }: StepHeadProps) {
  const { t } = useTranslation();
  usePageTitle(title);
  const at = steps.indexOf(step);
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef(step);
  // A new step is read from its top.
  useEffect(() => {
    if (last.current !== step) {
      last.current = step;
      heading.current?.focus();
    }
  }, [step]);
  const fixed = step === "first";
  return (
    <>
      <div className={css.bar}>
        <nav className={css.crumb} aria-label={t("sources:add.crumb")}>
          <span>
            <Link to={paths.sources()}>{t("sources:title")}</Link> <span aria-hidden>›</span>
          </span>
          <span className="strong">{t("sources:add.title")}</span>
        </nav>
        <Button variant="subtle" leftSection={<IconX size="0.9375rem" />} onClick={onClose}>
          {t(running ? "sources:add.closeRunning" : "common:action.close")}
        </Button>
        <Steps
          className={css.stepper ?? ""}
          labels={steps.map((one) => t(`sources:step.${one}`))}
          at={at}
          onStep={fixed ? undefined : (index) => onStep(steps[index] ?? step)}
        />
      </div>
      <header className={css.head}>
        <h1 ref={heading} className={css.title} tabIndex={-1} data-page-title>
          {title}
        </h1>
        <p className="quiet">{line}</p>
      </header>
    </>
  );
}
