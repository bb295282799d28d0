/** A restore as a job: while it runs, and how it ended. An interrupted one goes on from here; a finished one is taken back. */
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { dismissJob, type JobView, type RestoreReply, startJob, useCall, useJob } from "../api";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { jobName } from "../shared/jobName";
import { Empty, ListStates } from "../shared/ListStates";
import { announce } from "../shared/live";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { dropDraft } from "./draft";
import { dropPlans } from "./plans";
import { Report } from "./Report";
import { RunningRestore } from "./RunningRestore";
import { MainButton, WizardPage } from "./WizardPage";

/** The run of a job: from the job itself, its reply, or (resumed, undone) its request. */
function runOf(job: JobView): string | null {
  const reply = job.reply as RestoreReply | null | undefined;
  const request = job.request as { run?: string } | null;
  return job.run ?? reply?.run ?? (job.command === "restore.resume" ? (request?.run ?? null) : null);
}

/** Whether the run can still be taken back or gone on with, as the journal says; the reply may be from before an undo. */
function useWays(run: string | null): { canUndo: boolean | undefined; canResume: boolean | undefined } {
  const found = useCall("run.list", { id: run ?? "" }, { enabled: run !== null, silent: true });
  const row = found.data?.runs.find((one) => run !== null && (one.id.startsWith(run) || run.startsWith(one.id)));
  return { canUndo: row?.canUndo, canResume: row?.canResume };
}

function UndoDialog({ run, opened, onClose }: { run: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const undo = async () => {
    const job = await startJob("restore.undo", { run, policy: "skip" });
    await navigate(paths.restoreJob(job.id));
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={t("restore:undo.title")}
      confirmLabel={t("restore:undo.yes")}
      cancelLabel={t("restore:undo.no")}
      onConfirm={undo}
      onClose={onClose}
    >
      {t("restore:undo.text")}
    </ConfirmDialog>
  );
}

/** The job is not known any more: the program was started again since. What it left in the journal can still be gone on with. */
function Unknown() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const runs = useCall("run.list", { limit: 50 });
  const goOn = async (run: string) => {
    const job = await startJob("restore.resume", { run });
    await navigate(paths.restoreJob(job.id));
  };
  return (
    <WizardPage step={6} question={t("restore:unknown.title")} onClose={() => void navigate(paths.activity())}>
      <ListStates query={runs}>
        {(data) => {
          const open = data.runs.find((row) => row.canResume);
          return open ? (
            <Note
              status="failed"
              title={t("restore:unknown.interrupted", { source: open.source ?? "" })}
              actions={
                <Button variant="filled" onClick={() => void goOn(open.id).catch(() => undefined)}>
                  {t("restore:failed.goOn")}
                </Button>
              }
            >
              {t("restore:failed.goOnLine")}
            </Note>
          ) : (
            <Empty
              title={t("restore:unknown.line")}
              action={<Button onClick={() => void navigate(paths.activity())}>{t("restore:unknown.activity")}</Button>}
            />
          );
        }}
      </ListStates>
    </WizardPage>
  );
}

interface EndedProps {
  job: JobView;
  undo: boolean;
  onDone: () => void;
}

/** It ended without a report: failed, cancelled or interrupted. */
function Stopped({ job, undo, onDone }: EndedProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const run = runOf(job);
  const ways = useWays(run);
  const error = asError(job.error ?? { code: "internal", message: "", retry: false });
  const changed = error.code === "changed" && !undo;
  const canResume =
    run !== null && (ways.canResume ?? !["usage", "notFound", "refused", "changed"].includes(error.code));
  const goOn = async () => {
    if (run !== null) {
      const next = await startJob("restore.resume", { run });
      await navigate(paths.restoreJob(next.id));
    }
  };
  const preview = () => {
    dropPlans();
    void navigate("/restore?step=preview");
  };
  return (
    <WizardPage
      step={6}
      question={t(
        error.code === "cancelled" ? "restore:failed.cancelled" : undo ? "restore:failed.undo" : "restore:failed.title",
      )}
      onClose={onDone}
      scope={t("restore:failed.scope")}
      buttons={
        <>
          {ways.canUndo && !undo && run !== null && (
            <Button onClick={() => setAsking(true)}>{t("restore:report.undo")}</Button>
          )}
          {changed ? (
            <MainButton onClick={preview}>{t("restore:report.newPreview")}</MainButton>
          ) : canResume ? (
            <MainButton onClick={() => void goOn().catch(() => undefined)}>{t("restore:failed.goOn")}</MainButton>
          ) : (
            <MainButton onClick={onDone}>{t("restore:done")}</MainButton>
          )}
        </>
      }
    >
      <ErrorNote error={error} safe={t(changed ? "restore:failed.changedSafe" : "restore:failed.safe")} />
      {canResume && !changed && <Note>{t("restore:failed.goOnLine")}</Note>}
      {run !== null && <UndoDialog run={run} opened={asking} onClose={() => setAsking(false)} />}
    </WizardPage>
  );
}

function Ended({ job, undo, onDone }: EndedProps) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const reply = job.reply as RestoreReply;
  const ways = useWays(reply.run);
  const preview = () => {
    dropPlans();
    void navigate("/restore?step=preview");
  };
  return (
    <>
      <Report
        job={job}
        reply={reply}
        undo={undo}
        canUndo={!undo && reply.canUndo && (ways.canUndo ?? true)}
        onUndo={() => setAsking(true)}
        onPreview={undo ? undefined : preview}
        onDone={onDone}
      />
      <UndoDialog run={reply.run} opened={asking} onClose={() => setAsking(false)} />
    </>
  );
}

/** Says how it ended to whoever does not see it. */
function useSpokenEnd(job: JobView | undefined): void {
  const { t } = useTranslation();
  const ran = useRef(false);
  const done = job?.state === "done";
  useEffect(() => {
    if (job && !done) {
      ran.current = true;
    } else if (job && ran.current) {
      ran.current = false;
      const verdict = job.verdict ?? (job.error ? "failed" : "complete");
      const sentence = t("common:job.ended", { name: jobName(job, t), verdict: t(`common:status.${verdict}`) });
      announce(sentence, verdict === "failed" ? "assertive" : "polite");
    }
  }, [job, done, t]);
}

/** The page `/restore/job/:job`. */
export function RestoreRun({ id }: { id: string }) {
  const navigate = useNavigate();
  const job = useJob(id);
  useSpokenEnd(job);
  if (!job) {
    return <Unknown />;
  }
  const undo = job.command === "restore.undo";
  if (job.state !== "done") {
    return <RunningRestore job={job} undo={undo} onClose={() => void navigate(paths.overview())} />;
  }
  const done = () => {
    const source = (job.reply as RestoreReply | null | undefined)?.plan.source;
    if (!job.error) {
      dropDraft();
      dropPlans();
    }
    void dismissJob(job.id).catch(() => undefined);
    void navigate(source ? paths.source(source) : paths.overview());
  };
  return job.reply && !job.error ? (
    <Ended key={job.id} job={job} undo={undo} onDone={done} />
  ) : (
    <Stopped key={job.id} job={job} undo={undo} onDone={done} />
  );
}
