/** The tab *Timeline*: what a guard holds, the stay, the backups by day, and the column of facts. */
import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type BackstayError, call, type HoldRow, type RunPoint, type SourceHealth, useCall, useJobs } from "../../api";
import { asError } from "../../api/error";
import { useTranslation } from "../../i18n";
import { dayOffset } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { JobProgress } from "../../shared/JobProgress";
import { Empty } from "../../shared/ListStates";
import { worksOn } from "../../shared/sourceStatus";
import { byCause } from "../../shared/trip";
import { GuardCard } from "./GuardCard";
import { PinDialog } from "./PinDialog";
import css from "./page.module.css";
import { RemoveBackup } from "./RemoveBackup";
import { RunTable } from "./RunTable";
import { daysOf, type Range } from "./range";
import { NewestNote, Side } from "./Side";
import { Stay } from "./Stay";
import { useMarks } from "./useMarks";

/** What the tab needs. */
export interface TimelineProps {
  source: SourceHealth;
  /** Alarms of guards that were not answered, newest first. */
  holds: HoldRow[];
  onBackup: () => void;
  onAnswer: (holds: HoldRow[]) => void;
}

function NoBackups({ source, onBackup }: Pick<TimelineProps, "source" | "onBackup">) {
  const { t } = useTranslation();
  const { name } = source.source;
  const job = useJobs().find((one) => worksOn(one, name));
  return job ? (
    <section className="card">
      <div className={css.stay}>
        <JobProgress job={job} />
      </div>
    </section>
  ) : (
    <Empty
      title={t("sources:timeline.empty", { name })}
      action={
        <Button leftSection={<IconPlayerPlay size="0.9375rem" />} onClick={onBackup}>
          {t("common:action.backUpNow")}
        </Button>
      }
    >
      {t("sources:timeline.emptyLine")}
    </Empty>
  );
}

/** Pins a backup after asking for its name, or takes the pin away at once. */
function usePin(isPinned: (point: RunPoint) => boolean) {
  const [pinning, setPinning] = useState<RunPoint | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const toggle = (point: RunPoint) => {
    setError(null);
    if (!isPinned(point)) {
      setPinning(point);
      return;
    }
    call("snapshot.pin", { snapshot: point.snapshot ?? "", vault: point.vault ?? null }).catch((thrown) =>
      setError(asError(thrown)),
    );
  };
  return { pinning, error, toggle, close: () => setPinning(null) };
}

/** The tab. */
export function Timeline({ source, holds, onBackup, onAnswer }: TimelineProps) {
  const { name, created } = source.source;
  const [range, setRange] = useState<Range>("14");
  const [removing, setRemoving] = useState<RunPoint | null>(null);
  const since = useMemo(() => {
    const now = new Date();
    return dayOffset(now, 1 - daysOf(range, created, now)).toISOString();
  }, [range, created]);
  const marks = useMarks({ source: name, plans: source.plans, since, holds });
  const pin = usePin((point) => marks.pin(point) !== undefined);
  const query = useCall("overview", { source: name, since }, { silent: true, keep: true });
  const points = query.data?.sources[0]?.points ?? source.points;
  const job = useJobs().find((one) => worksOn(one, name));
  if (!source.last && points.length === 0) {
    return <NoBackups source={source} onBackup={onBackup} />;
  }
  return (
    <div className={css.grid}>
      <div className={css.main}>
        {byCause(holds).map((same) => (
          <GuardCard key={same[0]?.id} holds={same} onAnswer={onAnswer} />
        ))}
        {job && (
          <section className={`card ${css.stay}`}>
            <JobProgress job={job} />
          </section>
        )}
        {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
        {pin.error && <ErrorNote error={pin.error} />}
        <Stay
          source={source}
          points={points}
          range={range}
          onRange={setRange}
          heldRuns={new Set(holds.flatMap((hold) => (hold.run ? [hold.run] : [])))}
        />
        <RunTable
          source={name}
          points={points}
          severalVaults={source.vaults.length > 1}
          severalPlans={source.plans.length > 1}
          onRemove={setRemoving}
          marks={marks}
          onPin={pin.toggle}
        />
      </div>
      <div className={css.note}>
        <NewestNote source={source} />
      </div>
      <div className={css.rest}>
        <Side source={source} points={points} holds={holds} />
      </div>
      <RemoveBackup source={name} point={removing} onClose={() => setRemoving(null)} />
      <PinDialog point={pin.pinning} onClose={pin.close} />
    </div>
  );
}
