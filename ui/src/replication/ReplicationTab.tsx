/** Replications of a source: the continuous ones of Backstay, those its server runs by itself, and the way to a new one. */
import { Button } from "@mantine/core";
import { useState } from "react";
import {
  type ReplicationProgress,
  type ReplicationRow,
  type ServiceReplication,
  useAct,
  useCall,
  useRefresh,
} from "../api";
import { useTranslation } from "../i18n";
import { age, count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { type Status, StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { ReplicateDialog } from "./ReplicateDialog";
import css from "./replication.module.css";

const glyphs: Record<ReplicationRow["state"], Status> = {
  running: "running",
  idle: "complete",
  trying: "partial",
  stopped: "paused",
  nobody: "overdue",
};

function useWords() {
  const { t } = useTranslation();
  return (progress: ReplicationProgress | null | undefined): string => {
    if (!progress) {
      return "";
    }
    return [
      t("replication:written", { count: progress.written, n: count(progress.written) }),
      progress.pending ? t("replication:pending", { count: progress.pending, n: count(progress.pending) }) : "",
      progress.failed ? t("replication:failed", { count: progress.failed, n: count(progress.failed) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  };
}

function Kept({ row }: { row: ReplicationRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const words = useWords();
  const stop = useAct("replication.stop");
  const resume = useAct("replication.resume");
  const remove = useAct("replication.remove");
  const busy = stop.isPending || resume.isPending || remove.isPending;
  const error = stop.error ?? resume.error ?? remove.error;
  const stopped = row.state === "stopped";
  const problem = row.problem?.message ?? row.progress?.waiting;
  return (
    <li>
      <StatusGlyph status={glyphs[row.state]} label={t(`replication:state.${row.state}`)} />
      <div>
        <div className={css.ends}>
          {row.from.source}/{row.from.collection} → {row.to.source}/{row.to.collection}
        </div>
        <div className="note">
          {[
            t(`replication:state.${row.state}`),
            words(row.progress),
            row.moved ? t("replication:moved", { when: age(row.moved, now) }) : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </div>
        {problem && <div className={css.problem}>{problem}</div>}
        {row.gapCount > 0 && (
          <details>
            <summary className={css.problem}>
              {t("replication:gaps", { count: row.gapCount, n: count(row.gapCount) })}
            </summary>
            {row.gaps.map((gap) => (
              <div key={`${gap.subject} ${gap.message}`} className="note">
                {gap.subject}: {gap.message}
              </div>
            ))}
          </details>
        )}
        {error && <ErrorNote error={error} tight />}
      </div>
      <div className={css.buttons}>
        {stopped ? (
          <>
            <Button size="compact-sm" disabled={busy} onClick={() => resume.mutate({ id: row.id })}>
              {t("replication:resume")}
            </Button>
            <Button size="compact-sm" disabled={busy} onClick={() => remove.mutate({ id: row.id })}>
              {t("replication:remove")}
            </Button>
          </>
        ) : (
          <Button size="compact-sm" disabled={busy} onClick={() => stop.mutate({ id: row.id })}>
            {t("replication:stop")}
          </Button>
        )}
      </div>
    </li>
  );
}

function OnService({ row }: { row: ServiceReplication }) {
  const { t } = useTranslation();
  const words = useWords();
  const refresh = useRefresh();
  const stop = useAct("replication.stop");
  const { replication } = row;
  return (
    <li>
      <StatusGlyph
        status={replication.problem ? "partial" : "running"}
        label={t(replication.problem ? "replication:state.trying" : "replication:state.running")}
      />
      <div>
        <div className={css.ends}>
          {replication.from} → {replication.to}
        </div>
        <div className="note">
          {[
            t(replication.continuous ? "replication:serverContinuous" : "replication:serverOnce"),
            replication.state,
            words(replication.progress),
          ]
            .filter(Boolean)
            .join(" · ")}
        </div>
        {replication.problem && <div className={css.problem}>{replication.problem}</div>}
        {stop.error && <ErrorNote error={stop.error} tight />}
      </div>
      <div className={css.buttons}>
        <Button
          size="compact-sm"
          loading={stop.isPending}
          onClick={() =>
            stop.mutate({ id: replication.id, source: row.source }, { onSuccess: () => void refresh(["replications"]) })
          }
        >
          {t("replication:stop")}
        </Button>
      </div>
    </li>
  );
}

/** The tab. */
export function ReplicationTab({ source, kind }: { source: string; kind: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const query = useCall("replication.list", { source }, { silent: true, topics: ["replications"] });
  const open = (
    <Button variant="filled" onClick={() => setAsking(true)}>
      {t("replication:new")}
    </Button>
  );
  return (
    <section className={css.page}>
      <ListStates
        query={query}
        rows={3}
        what={t("replication:reading")}
        isEmpty={(reply) => reply.kept.length + reply.onServices.length + reply.gaps.length === 0}
        empty={
          <Empty title={t("replication:empty")} action={open}>
            {t("replication:emptyLine")}
          </Empty>
        }
      >
        {(reply) => (
          <>
            <div className={css.head}>
              <p className="quiet">{t("replication:what")}</p>
              {open}
            </div>
            {reply.gaps.map((gap) => (
              <Note key={gap.subject} status="partial" title={t("replication:notAsked", { source: gap.subject })}>
                {gap.message}
              </Note>
            ))}
            {reply.kept.length > 0 && (
              <div>
                <h2>{t("replication:byBackstay")}</h2>
                <ul className={`card ${css.list}`}>
                  {reply.kept.map((row) => (
                    <Kept key={row.id} row={row} />
                  ))}
                </ul>
              </div>
            )}
            {reply.onServices.length > 0 && (
              <div>
                <h2>{t("replication:byServer")}</h2>
                <ul className={`card ${css.list}`}>
                  {reply.onServices.map((row) => (
                    <OnService key={`${row.source} ${row.replication.id}`} row={row} />
                  ))}
                </ul>
              </div>
            )}
          </>
        )}
      </ListStates>
      <ReplicateDialog source={source} kind={kind} opened={asking} onClose={() => setAsking(false)} />
    </section>
  );
}
