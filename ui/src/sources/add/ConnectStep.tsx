/** Step 2: the settings, tested while typing stops, and what the test found. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { ConnectorRow, ProbePart } from "../../api";
import { useTranslation } from "../../i18n";
import { ConnectorForm } from "../ConnectorForm";
import { type Draft, properName } from "./draft";
import { ProbePanel } from "./ProbePanel";
import css from "./steps.module.css";
import type { Trial } from "./useTry";

/** What the step needs. */
export interface ConnectStepProps {
  connector: ConnectorRow;
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  trial: Trial;
  /** A source of this name exists. */
  taken: boolean;
  onForce: () => void;
}

/** What can be chosen one by one, as last seen at this address: ticking must not make the list vanish while it is tested again. */
function useParts(trial: Trial, draft: Draft): ProbePart[] | undefined {
  const [seen, setSeen] = useState<{ url: unknown; parts: ProbePart[] }>();
  const { url } = draft.options;
  const parts = trial.reply?.probe.parts;
  if (parts && parts.length > 0 && (seen?.url !== url || seen?.parts !== parts)) {
    setSeen({ url, parts });
  }
  return seen?.url === url ? seen?.parts : undefined;
}

/** Form at the left, findings at the right. */
export function ConnectStep({ connector, draft, change, trial, taken, onForce }: ConnectStepProps) {
  const { t } = useTranslation();
  const parts = useParts(trial, draft);
  return (
    <div className={css.columns}>
      <div className={css.form}>
        <ConnectorForm
          connector={connector}
          parts={parts}
          value={draft.options}
          onChange={(options) =>
            change({
              options,
              force: false,
              ...(draft.named ? {} : { name: properName(connector, options) }),
            })
          }
        />
        <TextInput
          mt="lg"
          required
          label={t("sources:form.name")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          description={t("sources:form.nameHelp")}
          value={draft.name}
          error={taken ? t("sources:form.nameTaken", { name: draft.name }) : undefined}
          onChange={(event) =>
            change({ adopt: undefined, name: event.currentTarget.value, named: event.currentTarget.value !== "" })
          }
        />
      </div>
      <ProbePanel
        reply={trial.reply}
        error={trial.error}
        testing={trial.testing}
        idle={trial.idle}
        onAgain={trial.again}
        onForce={trial.mayForce ? onForce : undefined}
      />
    </div>
  );
}
