/** One step of the wizard: where one is, the question, the answers, and a footer that says what it comes to. */
import { Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useContext, useEffect, useRef } from "react";
import { useTranslation } from "../i18n";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";
import { steps } from "./draft";
import { StepBar, type StepNumber } from "./StepBar";
import { bundlePath } from "./useContent";
import css from "./WizardPage.module.css";
import { WizardContext } from "./wizard";

/** A page of the wizard. */
export interface WizardPageProps {
  step: StepNumber;
  /** What this step asks. */
  question: string;
  line?: ReactNode;
  /** Name of the source; the wizard knows it by itself. */
  source?: string | null;
  onClose?: (() => void) | undefined;
  /** Left in the footer. */
  scope?: ReactNode;
  /** Right in the footer, the main action last. */
  buttons?: ReactNode;
  /** The content fills the page and scrolls by itself. */
  fill?: boolean;
  children: ReactNode;
}

/** A crumb stays in its line: long names lose their middle. */
function short(name: string): string {
  return name.length > 44 ? `${name.slice(0, 24)}…${name.slice(-18)}` : name;
}

/** The page around a step. */
export function WizardPage(props: WizardPageProps) {
  const { step, question, line, onClose, scope, buttons, fill = false, children } = props;
  const { t } = useTranslation();
  const wizard = useContext(WizardContext);
  const goBack = wizard && ((to: StepNumber) => wizard.go(steps.find((_, at) => at === to) ?? "preview"));
  const source = props.source ?? wizard?.draft.source;
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    // A new step begins at its question; the first one where the page begins.
    if (shown.current !== step) {
      shown.current = step;
      title.current?.focus();
    }
  }, [step]);
  const bundle = bundlePath(wizard?.draft.at ?? null);
  const crumbs =
    bundle !== null
      ? [{ label: short(bundle.split(/[/\\]/).pop() ?? bundle), to: paths.bundle(bundle) }]
      : source
        ? [{ label: short(source), to: paths.source(source) }]
        : [];
  const footer = (
    <>
      <div className={css.scope}>{scope}</div>
      <div className={css.buttons}>{buttons}</div>
    </>
  );
  return (
    <Page fill footer={footer}>
      <div className={css.top}>
        <PageHeader
          title={t("restore:title")}
          crumbs={crumbs}
          actions={
            onClose && (
              <Button variant="subtle" leftSection={<IconX size="0.9375rem" />} onClick={onClose}>
                {t("common:action.close")}
              </Button>
            )
          }
        />
        <StepBar step={step} {...(goBack && step < steps.length ? { onStep: goBack } : {})} />
      </div>
      <div className={css.main} data-fill={fill || undefined}>
        <div className={css.question}>
          <h2 ref={title} tabIndex={-1}>
            {question}
          </h2>
          {line && <div className="quiet">{line}</div>}
        </div>
        {children}
      </div>
    </Page>
  );
}

/** The one filled button of a step; Ctrl Enter presses it. */
export function MainButton(props: {
  onClick: () => void;
  disabled?: boolean;
  loading?: boolean;
  icon?: ReactNode;
  children: string;
}) {
  const { onClick, disabled = false, loading = false, icon, children } = props;
  useShortcut("Ctrl Enter", children, onClick, { enabled: !disabled && !loading });
  return (
    <Button variant="filled" onClick={onClick} disabled={disabled} loading={loading} leftSection={icon}>
      {children}
    </Button>
  );
}
