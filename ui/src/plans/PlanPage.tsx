/** One plan: its head, what waits, the tabs, and the bar that saves what was changed. */
import { Button, Tabs } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useBlocker, useSearchParams } from "react-router";
import { BackstayError, type PlanRow } from "../api";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Page } from "../shared/Page";
import { useShortcut } from "../shared/shortcuts";
import { useNow } from "../shared/useNow";
import { ChecksTab } from "./ChecksTab";
import { draftProblem, type PlanEdit, usePlanEdit } from "./draft";
import { KeepTab } from "./KeepTab";
import { PlanHead, usePlanJobs } from "./PlanHead";
import { PlanNotes } from "./PlanNotes";
import { ProofTab } from "./ProofTab";
import css from "./plan.module.css";
import { ScheduleTab } from "./ScheduleTab";
import { TellTab } from "./TellTab";
import { soon } from "./words";

const tabs = ["schedule", "keep", "checks", "tell", "proof"] as const;
type Tab = (typeof tabs)[number];

function Footer({ edit, tab, plan }: { edit: PlanEdit; tab: Tab; plan: PlanRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const problem = draftProblem(edit.draft);
  const clean = plan.nextUpkeep.find((slot) => slot.task === "forget");
  const save = problem || edit.saving ? undefined : () => void edit.save();
  useShortcut("Ctrl Enter", t("plans:footer.save"), save);
  return (
    <>
      {edit.error && (
        <div className={css.saveError}>
          <ErrorNote error={edit.error} title={t("plans:footer.failed")} safe={t("plans:footer.untouched")} tight />
        </div>
      )}
      <span className={css.say}>
        {problem
          ? t(`plans:problem.${problem}`)
          : tab === "keep" && clean
            ? t("plans:footer.keep", { time: soon(clean.at, now, t) })
            : t("plans:footer.line")}
      </span>
      <Button onClick={edit.discard} disabled={edit.saving}>
        {t("plans:footer.discard")}
      </Button>
      <Button variant="filled" disabled={problem !== undefined} loading={edit.saving} onClick={save}>
        {t("plans:footer.save")}
      </Button>
    </>
  );
}

/** Asks before changes are left behind. */
export function useLeave(changed: boolean) {
  const free = useRef(false);
  useEffect(() => {
    free.current = false;
  });
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      changed &&
      !free.current &&
      currentLocation.pathname !== nextLocation.pathname &&
      !(nextLocation.state as { renamed?: boolean } | null)?.renamed,
  );
  const { t } = useTranslation();
  const dialog = (
    <ConfirmDialog
      opened={blocker.state === "blocked"}
      title={t("plans:leave.title")}
      confirmLabel={t("plans:leave.yes")}
      cancelLabel={t("plans:leave.no")}
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.state === "blocked" && blocker.reset?.()}
    >
      {t("plans:leave.line")}
    </ConfirmDialog>
  );
  return {
    dialog,
    /** The next change of the address is meant. */
    release: () => {
      free.current = true;
    },
  };
}

/** The page. */
export function PlanPage({ plan, taken }: { plan: PlanRow; taken: string[] }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get("tab")) ?? "schedule";
  const edit = usePlanEdit(plan);
  const leave = useLeave(edit.changed);
  const jobs = usePlanJobs(plan);
  const panels: Record<Tab, React.ReactNode> = {
    schedule: <ScheduleTab plan={plan} edit={edit} />,
    keep: <KeepTab plan={plan} edit={edit} />,
    checks: <ChecksTab edit={edit} />,
    tell: <TellTab plan={plan} edit={edit} />,
    proof: <ProofTab plan={plan} />,
  };
  return (
    <Page footer={edit.changed && <Footer edit={edit} tab={tab} plan={plan} />}>
      <PlanHead plan={plan} taken={taken} onLeave={leave.release} />
      {plan.problem && (
        <ErrorNote
          error={new BackstayError(plan.problem)}
          {...(plan.problem.code === "usage" ? { title: t("plans:problem.title") } : {})}
          safe={t("plans:problem.safe")}
        />
      )}
      {jobs.map((job) => (
        <JobProgress key={job.id} job={job} />
      ))}
      <PlanNotes plan={plan} tab={tab} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(name) => setSearch(name === "schedule" ? {} : { tab: name ?? "schedule" }, { replace: true })}
      >
        <Tabs.List className={css.tabs ?? ""}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`plans:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((name) => (
          <Tabs.Panel key={name} value={name} className={css.panel ?? ""}>
            {tab === name && panels[name]}
          </Tabs.Panel>
        ))}
      </Tabs>
      {leave.dialog}
    </Page>
  );
}
