/** Step 2: the settings, tested while typing stops, and what the test found. */
import { TextInput } from "@mantine/core";
import type { ConnectorRow } from "../../api";
import { useTranslation } from "../../i18n";
import { OptionsForm } from "../OptionsForm";
import { type Draft, nameFromPath, rootPath } from "./draft";
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

/** Form at the left, findings at the right. */
export function ConnectStep({ connector, draft, change, trial, taken, onForce }: ConnectStepProps) {
  const { t } = useTranslation();
  return (
    <div className={css.columns}>
      <div className={css.form}>
        <OptionsForm
          connector={connector}
          value={draft.options}
          onChange={(options) =>
            change({
              options,
              force: false,
              ...(draft.named ? {} : { name: nameFromPath(rootPath(connector, options)) }),
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
