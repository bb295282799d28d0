/** What a plan needs a person for: a guard that holds a source, a source that is overdue, slots that wait. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { PlanRow } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import { useRunPlan } from "./useRunPlan";
import { reasonWords, soon, span } from "./words";

/** From this many on names are not listed one by one. */
const LISTED = 3;

function Held({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation();
  return plan.held.slice(0, LISTED).map((name) => (
    <Note
      key={name}
      status="guard"
      title={t("plans:note.held", { name })}
      actions={
        <Button size="compact-sm" component={Link} to={paths.source(name)}>
          {t("plans:note.answer")}
        </Button>
      }
    >
      {t("plans:note.heldLine")}
    </Note>
  ));
}

function Overdue({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation();
  if (plan.overdue.length === 0) {
    return null;
  }
  return (
    <Note
      status="overdue"
      title={t("plans:note.overdue", { count: plan.overdue.length, names: plan.overdue.join(", ") })}
      actions={
        <Button size="compact-sm" component={Link} to={paths.plan(plan.name, "proof")}>
          {t("plans:note.why")}
        </Button>
      }
    >
      {plan.promiseMinutes ? t("plans:note.promised", { time: span(plan.promiseMinutes, t) }) : null}
    </Note>
  );
}

function Waiting({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const { run, error } = useRunPlan();
  const notes = plan.waiting.map((slot) => (
    <Note
      key={`${slot.task} ${slot.due}`}
      status="paused"
      title={t("plans:waiting.title", {
        task: t(`plans:task.${slot.task}`),
        time: soon(slot.due, now, t),
        reason: reasonWords(slot.reason, t),
      })}
      actions={
        <Button size="compact-sm" onClick={() => run({ plan: plan.name, task: slot.task })}>
          {t("plans:waiting.run")}
        </Button>
      }
    >
      {slot.ask
        ? t("plans:waiting.ask")
        : slot.until
          ? t("plans:waiting.until", { time: soon(slot.until, now, t) })
          : t("plans:waiting.line")}
    </Note>
  ));
  return (
    <>
      {error && <ErrorNote error={error} />}
      {notes}
    </>
  );
}

/** All of them, the worst first. On the tab that says why, the overdue ones are left out. */
export function PlanNotes({ plan, tab }: { plan: PlanRow; tab: string }) {
  return (
    <>
      <Held plan={plan} />
      {tab !== "proof" && <Overdue plan={plan} />}
      <Waiting plan={plan} />
    </>
  );
}
