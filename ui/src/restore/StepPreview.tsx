/** Step 5: what will happen, before it happens. The list that is shown is the list that runs. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useCallback, useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { PlanStep } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { Age } from "../shared/Age";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { isFresh, isLeft, runRequest, setLeft } from "./draft";
import { Preview, type PreviewChoices } from "./Preview";
import { type MadePlan, usePlan } from "./plans";
import css from "./StepPreview.module.css";
import { stepCount, wordOfSubject, writeCount } from "./stepWords";
import { topsOf, useContent } from "./useContent";
import { useRun } from "./useRun";
import { useShown } from "./useShown";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

/** Milliseconds after the last change until the plan that runs is made anew. */
const REST = 500;
/** The same for plans that take a while to make. */
const LONG_REST = 3000;
const MANY = 50_000;
const OLD = 300_000;
const LOST_AFTER = 10_000;

function useChoices(): PreviewChoices {
  const { draft, change } = useWizard();
  const all = draft.kept ? (draft.kept.length === 0 ? "off" : "mixed") : draft.left.length > 0 ? "mixed" : "on";
  const choicesOf = useCallback(
    (step: PlanStep) => {
      const word = wordOfSubject(step.subject);
      const { [word]: mine, ...others } = draft.fields;
      return {
        left: isLeft(draft, word),
        setLeft: (left: boolean) => change(setLeft(draft, [word], left)),
        picked: mine ?? null,
        setPicked: (fields: string[] | null) => change({ fields: fields ? { ...others, [word]: fields } : others }),
        decision: draft.decisions[word],
        setDecision: (policy: NonNullable<(typeof draft.decisions)[string]>) =>
          change({ decisions: { ...draft.decisions, [word]: policy } }),
      };
    },
    [draft, change],
  );
  return {
    isLeft: (word) => isLeft(draft, word),
    setLeft: (words, left) => change(setLeft(draft, words, left)),
    setAllLeft: (left) => change({ left: [], kept: left ? [] : null }),
    all,
    choicesOf,
  };
}

/** How many steps are other ones than the shown plan has: the live side moved between both plans. */
export function movedSteps(shown: MadePlan, run: MadePlan, kept: string[] | null, left: string[]): number {
  if (shown.path === run.path) {
    return 0;
  }
  const expected = kept ? kept.length : stepCount(shown.plan.counts, false) - left.length;
  return Math.abs(stepCount(run.plan.counts, false) - expected);
}

/** The fifth step. */
export function StepPreview() {
  const { t } = useTranslation();
  const { draft, change, go, leave } = useWizard();
  const navigate = useNavigate();
  const now = useNow();
  const choices = useChoices();
  const shownFor = useShown(draft);
  const shown = usePlan(shownFor);
  const content = useContent(draft.at);
  const tops = content.data ? topsOf(content.data) : null;
  const ready = tops !== null || Object.keys(draft.fields).length === 0;
  const runFor = shownFor && shown.made && ready ? runRequest(shownFor, draft, tops ?? []) : null;
  const many = shown.made !== undefined && stepCount(shown.made.plan.counts) > MANY;
  const planned = usePlan(runFor, many ? LONG_REST : REST);
  const [saved, setSaved] = useState<string | null>(null);
  const run = useRun();
  // While the next plan is made, for instance after a decision, the last one stays in sight.
  const last = useRef(shown.made);
  last.current = shown.made ?? last.current;
  const made = shown.made ?? (shown.busy ? last.current : undefined);
  const counts = made?.plan.counts;
  const undecided = planned.made?.plan.counts.conflict ?? counts?.conflict ?? 0;
  const moved = made && planned.made ? movedSteps(made, planned.made, draft.kept, draft.left) : 0;
  const todo = planned.made ? writeCount(planned.made.plan.counts) : 0;
  const deletes = planned.made?.plan.counts.delete ?? 0;
  const stale = made && now.getTime() - made.made > OLD;
  const busy = shown.busy || (runFor !== null && planned.busy);
  const update = () => {
    shown.again();
    if (planned.made?.path !== made?.path) {
      planned.again();
    }
  };
  const start = () => {
    if (planned.made) {
      void run.start(planned.made.path, deletes).then((job) => {
        if (job) {
          // What ran is no draft any more; only the report's own way back opens it again.
          change({ origin: "ran" });
          void navigate(paths.restoreJob(job));
        }
      });
    }
  };
  const back = () => {
    go(isFresh(draft) ? "where" : "conflicts");
  };
  const nothingToDo = counts && stepCount(counts, false) === 0;
  const inPlace = !isFresh(draft);
  return (
    <WizardPage
      step={4}
      question={t("restore:preview.title")}
      line={
        <>
          {t("restore:preview.line")}
          {made && stale && (
            <>
              {" "}
              {t("restore:preview.made")} <Age time={new Date(made.made)} />.{" "}
              <button type="button" className={css.link} onClick={update}>
                {t("restore:preview.update")}
              </button>
            </>
          )}
        </>
      }
      fill
      onClose={leave}
      scope={
        <>
          {planned.made && (
            <span>
              <strong>{t("restore:preview.toWrite", { count: todo, n: count(todo) })}</strong>{" "}
              {bytes(planned.made.plan.bytes)}
            </span>
          )}
          <span className={css.undo}>
            <StatusGlyph status="complete" /> {t(inPlace ? "restore:preview.undo" : "restore:preview.untouched")}
          </span>
          {saved && <span role="status">{t("restore:preview.saved", { path: saved })}</span>}
        </>
      }
      buttons={
        <>
          <Button onClick={back}>{t("common:action.back")}</Button>
          {planned.made && !nothingToDo && (
            <Button
              onClick={() => void run.save(planned.made?.path ?? "", draft.source).then((to) => to && setSaved(to))}
            >
              {t("restore:preview.save")}
            </Button>
          )}
          {nothingToDo ? (
            <MainButton onClick={leave}>{t("restore:done")}</MainButton>
          ) : (
            <MainButton
              icon={<IconArrowBackUp size="0.9375rem" />}
              onClick={start}
              loading={run.busy || (busy && made !== undefined)}
              disabled={!planned.made || busy || undecided > 0 || todo === 0 || moved > 0}
            >
              {t("restore:preview.run", { count: todo, n: count(todo) })}
            </MainButton>
          )}
        </>
      }
    >
      {run.dialog}
      {run.error && <ErrorNote error={run.error} onRetry={start} />}
      {shown.error && !shown.busy && <ErrorNote error={shown.error} onRetry={shown.again} />}
      {!shown.error && planned.error && !planned.busy && <ErrorNote error={planned.error} onRetry={planned.again} />}
      {moved > 0 && (
        <Note
          status="partial"
          title={t("restore:preview.moved", { count: moved, n: count(moved) })}
          actions={<Button onClick={update}>{t("restore:preview.update")}</Button>}
        />
      )}
      {undecided > 0 && !busy && (
        <Note status="partial" title={t("restore:preview.undecided", { count: undecided, n: count(undecided) })}>
          {t("restore:preview.undecidedLine")}
        </Note>
      )}
      {shown.busy &&
        !made &&
        (shown.job ? <JobProgress job={shown.job} /> : <Loading what={t("restore:preview.planning")} />)}
      {made && counts && nothingToDo && (
        <Empty title={t("restore:preview.empty", { count: counts.same, n: count(counts.same) })}>
          {t("restore:preview.emptyLine")}
        </Empty>
      )}
      {made && counts && !nothingToDo && (
        <Preview
          path={made.path}
          counts={counts}
          at={draft.at}
          fresh={!inPlace}
          choices={choices}
          onLost={() => {
            // A plan that is lost as soon as it was made would be made without end.
            if (Date.now() - made.made > LOST_AFTER) {
              change({ left: [], kept: null });
              shown.again();
            }
          }}
        />
      )}
    </WizardPage>
  );
}
