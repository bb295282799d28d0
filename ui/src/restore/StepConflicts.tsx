/** Step 4, only for a restore in place: what to do where the live side was changed since. */
import { Button, Radio } from "@mantine/core";
import { IconClock, IconGitFork, IconLock, IconPencil, IconReplace } from "@tabler/icons-react";
import type { ConflictPolicy } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";
import css from "./Choice.module.css";
import { undecided } from "./draft";
import { usePlan } from "./plans";
import { Choice } from "./StepWhere";
import { useScope } from "./useScope";
import { useShown } from "./useShown";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

const policies = [
  { policy: "skip", name: "keep", icon: IconLock },
  { policy: "both", name: "both", icon: IconGitFork },
  { policy: "newest", name: "newest", icon: IconClock },
  { policy: "remote", name: "backup", icon: IconReplace },
  { policy: "ask", name: "ask", icon: IconPencil },
] as const;

/** The fourth step. */
export function StepConflicts() {
  const { t } = useTranslation();
  const { draft, change, go, leave } = useWizard();
  const scope = useScope();
  // Asked for each, a plan counts what was changed; it is the plan itself when that is what the person chooses.
  const asking = useShown({ ...draft, policy: "ask", ...undecided });
  const counting = usePlan(asking, 300);
  const counts = counting.made?.plan.counts;
  const concerned = counts?.conflict ?? null;
  return (
    <WizardPage
      step={3}
      question={t("restore:conflicts.title")}
      line={
        <span aria-live="polite">
          {concerned !== null
            ? t("restore:conflicts.concerns", { count: concerned, n: count(concerned) })
            : counting.busy
              ? t("restore:conflicts.counting")
              : t("restore:conflicts.line")}
        </span>
      }
      onClose={leave}
      scope={scope}
      buttons={
        <>
          <Button onClick={() => go("where")}>{t("common:action.back")}</Button>
          <MainButton onClick={() => go("preview")}>{t("restore:makePreview")}</MainButton>
        </>
      }
    >
      <div className={css.columns}>
        <Radio.Group
          aria-label={t("restore:conflicts.title")}
          value={draft.policy}
          onChange={(policy) => change({ policy: policy as ConflictPolicy, ...undecided })}
          className={css.choices ?? ""}
        >
          {policies.map(({ policy, name, icon: Icon }) => (
            <Choice
              key={policy}
              value={policy}
              icon={<Icon size="1.25rem" stroke={1.6} />}
              title={t(`restore:conflicts.${name}.title`)}
              safest={policy === "skip"}
            >
              {t(`restore:conflicts.${name}.line`)}
            </Choice>
          ))}
        </Radio.Group>
        <div className={css.side}>
          {counts && (
            <div className={`card ${css.panel}`}>
              <h3>{t("restore:conflicts.numbers")}</h3>
              <dl className={css.facts}>
                <dt>{t("restore:conflicts.changed")}</dt>
                <dd>{count(counts.conflict)}</dd>
                <dt>{t("restore:conflicts.older")}</dt>
                <dd>{count(counts.update)}</dd>
                <dt>{t("restore:conflicts.gone")}</dt>
                <dd>{count(counts.create)}</dd>
                <dt>{t("restore:conflicts.same")}</dt>
                <dd>{count(counts.same)}</dd>
              </dl>
            </div>
          )}
          <Note status="complete" title={t("restore:conflicts.undo")}>
            {t("restore:conflicts.undoLine")}
          </Note>
        </div>
      </div>
    </WizardPage>
  );
}
