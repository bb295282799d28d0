/** What all steps of the wizard share: the choices, and ways to change them and to go on. */
import { createContext, useContext } from "react";
import type { Draft, StepName } from "./draft";

/** The wizard as a step sees it. */
export interface Wizard {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  go: (step: StepName) => void;
  /** Leaves the wizard and forgets the choices. */
  leave: () => void;
  /** The new place: what was typed, or what the engine suggests. */
  path: string;
}

/** Given by the page. */
export const WizardContext = createContext<Wizard | null>(null);

/** The wizard around this step. */
export function useWizard(): Wizard {
  const wizard = useContext(WizardContext);
  if (!wizard) {
    throw new Error("a step outside of the wizard");
  }
  return wizard;
}
