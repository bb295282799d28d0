/** The last step: the first backup, live, and then what was saved and proven. */
import { Button } from "@mantine/core";
import { IconLifebuoy, IconPrinter } from "@tabler/icons-react";
import { BackstayError, type BackupReply, type BackupReport, type JobView, type Stage } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, count, duration } from "../../i18n/format";
import { Emblem } from "../../shared/Emblem";
import { ErrorNote } from "../../shared/ErrorNote";
import { JobProgress } from "../../shared/JobProgress";
import { Loading } from "../../shared/ListStates";
import { Note } from "../../shared/Note";
import { type Status, StatusGlyph } from "../../shared/StatusGlyph";
import css from "./FirstStep.module.css";
import steps from "./steps.module.css";

/** Stages of a backup in order; what the engine calls otherwise counts as reading. */
const stages: Stage[] = ["preparing", "reading", "finishing"];

function Stages({ job }: { job: JobView }) {
  const { t } = useTranslation();
  const now = job.progress?.stage ?? "preparing";
  const at = job.state === "waiting" ? -1 : Math.max(0, stages.includes(now) ? stages.indexOf(now) : 1);
  return (
    <ol className={steps.stages}>
      {stages.map((stage, index) => {
        const status: Status = index < at ? "complete" : index === at ? "running" : "none";
        return (
          <li key={stage} data-ahead={index > at || undefined}>
            <StatusGlyph status={status} label />
            <span className={index <= at ? "strong" : ""}>{t(`sources:first.stage.${stage}`)}</span>
            {index === at && job.progress && job.progress.items > 0 && (
              <span className={steps.end}>
                {t("common:job.items", { count: job.progress.items, n: count(job.progress.items) })}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** Four facts about the backup that was made. */
export function facts(
  report: BackupReport,
): { name: string; status: Status; values: Record<string, string | number> }[] {
  const records = report.collections.reduce((sum, one) => sum + one.records, 0);
  return [
    {
      name: records > 0 ? "savedRecords" : "saved",
      status: report.gaps.length > 0 ? "partial" : "complete",
      values: {
        records: count(records),
        files: count(report.files),
        bytes: bytes(report.fileBytes),
        gaps: count(report.gaps.length),
      },
    },
    { name: "proven", status: "complete", values: { bytes: bytes(report.storedBytes) } },
    { name: "kept", status: "complete", values: { vault: report.vault, bytes: bytes(report.storedBytes) } },
    { name: "later", status: "none", values: {} },
  ];
}

/** What the step needs. */
export interface FirstStepProps {
  source: string;
  job: JobView | undefined;
  /** The job could not be started. */
  error: BackstayError | null;
  /** The new vault has no recovery kit yet. */
  kitMissing: boolean;
  onKit: () => void;
  onAgain: () => void;
  onLook: () => void;
}

function Done({
  report,
  failed,
  kitMissing,
  onKit,
  onLook,
}: Omit<FirstStepProps, "job" | "error" | "onAgain"> & { report: BackupReport; failed: BackupReport[] }) {
  const { t } = useTranslation();
  const complete = report.verdict === "complete";
  return (
    <section className={`card ${css.done}`}>
      <Emblem status={complete ? "complete" : "partial"} size={60} />
      <h2 className={css.title}>
        {complete
          ? t("sources:first.done")
          : t("sources:first.doneGaps", { count: report.gaps.length, n: count(report.gaps.length) })}
      </h2>
      <p className="quiet">{t("sources:first.doneLine", { time: duration(Math.max(1, report.seconds)) })}</p>
      <ul className={css.facts}>
        {facts(report).map(({ name, status, values }) => (
          <li key={name}>
            <StatusGlyph status={status} />
            <span className="strong">{t(`sources:first.fact.${name}.title`)}</span>
            <span className="quiet">{t(`sources:first.fact.${name}.line`, values)}</span>
          </li>
        ))}
      </ul>
      {report.gaps.length > 0 && (
        <Note
          status="partial"
          title={t("sources:gaps.title", { count: report.gaps.length, n: count(report.gaps.length) })}
        >
          {report.gaps.slice(0, 5).map((gap) => (
            <div key={gap.subject}>
              <span className="mono">{gap.subject}</span> {gap.message}
            </div>
          ))}
        </Note>
      )}
      {failed.map((run) => (
        <Note key={run.run} status="failed" title={t("sources:first.notInto", { vault: run.vault })}>
          {run.error?.message}
        </Note>
      ))}
      {kitMissing && (
        <div className={css.kit}>
          <IconLifebuoy size="1.125rem" stroke={1.7} aria-hidden />
          <p>
            <strong>{t("sources:first.kit")}</strong> {t("sources:first.kitLine")}
          </p>
        </div>
      )}
      <div className={css.actions}>
        <Button size="md" variant={kitMissing ? "default" : "filled"} onClick={onLook}>
          {t("sources:first.look")}
        </Button>
        {kitMissing && (
          <Button size="md" variant="filled" leftSection={<IconPrinter size="1rem" />} onClick={onKit}>
            {t("sources:first.printKit")}
          </Button>
        )}
      </div>
    </section>
  );
}

/** The step. */
export function FirstStep(props: FirstStepProps) {
  const { source, job, error, kitMissing, onKit, onAgain } = props;
  const { t } = useTranslation();
  const reply = job?.state === "done" ? (job.reply as BackupReply | undefined) : undefined;
  const report = reply?.runs.find((run) => run.snapshot) ?? reply?.runs[0];
  const wire = job?.error ?? report?.error;
  const failed = error ?? (wire ? new BackstayError(wire) : null);
  if (failed) {
    return (
      <section className="card">
        <ErrorNote
          error={failed}
          title={t("sources:first.failed")}
          safe={t("sources:first.failedSafe", { name: source })}
          onRetry={onAgain}
        />
      </section>
    );
  }
  if (report) {
    return <Done {...props} report={report} failed={reply?.runs.filter((run) => !run.snapshot) ?? []} />;
  }
  if (!job) {
    return <Loading rows={3} />;
  }
  return (
    <div className={steps.columns}>
      <section className={`card ${steps.progress}`}>
        <JobProgress job={job} />
        <Stages job={job} />
      </section>
      <div className={steps.side}>
        {kitMissing && (
          <section className={`card ${steps.links}`}>
            <h2 className={css.small}>{t("sources:first.wait")}</h2>
            <div>
              <Button variant="subtle" size="compact-sm" leftSection={<IconPrinter size="0.9375rem" />} onClick={onKit}>
                {t("sources:first.printKit")}
              </Button>
              <span className="note">{t("sources:first.printKitLine")}</span>
            </div>
          </section>
        )}
        <Note>{t("sources:first.goesOn")}</Note>
      </div>
    </div>
  );
}
