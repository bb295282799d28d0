/** Is it still readable? Checks that were made, the one that runs, and what the last one found. */
import { Button } from "@mantine/core";
import type { JobView, RunRow, VerifyReply } from "../api";
import { BackstayError, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count, duration, moment } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Empty } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { StatusGlyph, verdictStatus } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import css from "./panels.module.css";

const SHOWN = 5;

function CheckRow({ run }: { run: RunRow }) {
  const { t } = useTranslation();
  const now = useNow();
  // The row in a list has no numbers; the run itself does.
  const detail = useCall("run.list", { id: run.id }, { silent: true }).data?.detail;
  const read = detail?.bytes ?? 0;
  const seconds = run.finished ? (Date.parse(run.finished) - Date.parse(run.started)) / 1000 : undefined;
  return (
    <li>
      <StatusGlyph status={run.verdict ? verdictStatus(run.verdict) : "running"} label />
      <span className={css.when}>{moment(run.started, now)}</span>
      <span className={css.grow}>
        {run.verdict === "failed"
          ? (run.reason?.[1] ?? t("vaults:readable.damage"))
          : read > 0
            ? t("vaults:readable.read", { bytes: bytes(read) })
            : t("vaults:readable.structure")}
      </span>
      <span className={css.end}>{seconds === undefined ? "" : duration(seconds)}</span>
    </li>
  );
}

/** What a check found, by snapshot. */
export function Findings({ reply }: { reply: VerifyReply }) {
  const { t } = useTranslation();
  const serious = reply.problems.filter((problem) => !problem.harmless);
  const harmless = reply.problems.length - serious.length;
  if (serious.length === 0) {
    return (
      <Note status="complete" title={t("vaults:found.sound", { count: reply.snapshots, n: count(reply.snapshots) })}>
        {reply.packsRead > 0
          ? t("vaults:found.readLine", {
              packs: count(reply.packsRead),
              of: count(reply.packs),
              bytes: bytes(reply.bytesRead),
            })
          : t("vaults:found.structureLine")}
        {harmless > 0 && (
          <div className="note">{t("vaults:found.harmless", { count: harmless, n: count(harmless) })}</div>
        )}
      </Note>
    );
  }
  return (
    <Note status="failed" title={t("vaults:found.damaged", { count: serious.length, n: count(serious.length) })}>
      {t("vaults:found.damagedLine")}
      <ul>
        {serious.slice(0, 20).map((problem) => (
          <li key={problem.message}>
            {problem.message}
            {problem.affects.length > 0 && (
              <details>
                <summary>
                  {t("vaults:found.affects", { count: problem.affects.length, n: count(problem.affects.length) })}
                </summary>
                <ul>
                  {problem.affects.map((path) => (
                    <li key={path} className="mono">
                      {path}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </li>
        ))}
      </ul>
    </Note>
  );
}

/** What the panel needs. */
export interface ReadablePanelProps {
  vault: string;
  /** Jobs of this vault, newest first. */
  jobs: JobView[];
  onCheck: (share: number | null) => void;
  onRepair: () => void;
  disabled: boolean;
}

/** The panel on the page of a vault. */
export function ReadablePanel({ vault, jobs, onCheck, onRepair, disabled }: ReadablePanelProps) {
  const { t } = useTranslation();
  const runs = useCall("run.list", { kind: "check", limit: 200 }, { silent: true });
  const checks = (runs.data?.runs ?? []).filter((run) => run.vault === vault).slice(0, SHOWN);
  const active = jobs.find((job) => job.command === "vault.verify" && job.state !== "done");
  const done = jobs.find((job) => job.command === "vault.verify" && job.state === "done");
  const reply = done?.reply as VerifyReply | undefined;
  const newest = checks[0];
  const damaged = reply ? reply.verdict === "failed" : newest?.verdict === "failed" && newest.reason?.[0] === "damaged";
  return (
    <section className={`card ${css.panel}`} aria-labelledby="readable-title">
      <div className={css.head}>
        <h2 id="readable-title">{t("vaults:readable.title")}</h2>
        {damaged && (
          <Button size="compact-sm" disabled={disabled} onClick={onRepair}>
            {t("vaults:readable.repair")}
          </Button>
        )}
      </div>
      {active && (
        <div className={css.padded}>
          <JobProgress job={active} />
        </div>
      )}
      {!active && done && (
        <div className={css.padded}>
          {reply && <Findings reply={reply} />}
          {done.error && <ErrorNote error={new BackstayError(done.error)} tight onRetry={() => onCheck(null)} />}
        </div>
      )}
      {runs.error && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
      {checks.length > 0 ? (
        <ul className={css.rows}>
          {checks.map((run) => (
            <CheckRow key={run.id} run={run} />
          ))}
        </ul>
      ) : (
        !active &&
        !done &&
        runs.data && (
          <Empty
            title={t("vaults:readable.never")}
            action={
              <Button disabled={disabled} onClick={() => onCheck(100)}>
                {t("vaults:readable.checkAll")}
              </Button>
            }
          >
            {t("vaults:readable.neverLine")}
          </Empty>
        )
      )}
    </section>
  );
}
