/** The line of backups above the list: a knot can be picked, too. */
import type { RunPoint } from "../api";
import { useTranslation } from "../i18n";
import { dayOffset } from "../i18n/format";
import { dayMarks, StayLine, stayByRun } from "../shared/StayLine";
import { useNow } from "../shared/useNow";
import { undecided } from "./draft";
import css from "./PointGaps.module.css";
import { useWizard } from "./wizard";

const DAYS = 14;

/** The last fourteen days of a source; older backups are in the list and by date. */
export function PointLine({ points }: { points: RunPoint[] }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const now = useNow();
  const from = dayOffset(now, 1 - DAYS);
  const to = dayOffset(now, 1);
  const knots = stayByRun(points, { from, to }, t);
  if (knots.length === 0) {
    return null;
  }
  const chosen = points.find((point) => point.snapshot && point.snapshot === draft.at?.snapshot);
  return (
    <div className={`card ${css.stay}`}>
      <StayLine
        label={t("restore:when.stay", { source: draft.source })}
        points={knots}
        now={(now.getTime() - from.getTime()) / (to.getTime() - from.getTime())}
        marks={dayMarks({ now, days: DAYS, every: 2 }, t)}
        {...(chosen ? { chosenId: chosen.run } : {})}
        onOpen={({ runs: [run] }) => {
          if (run?.snapshot) {
            change({
              at: { snapshot: run.snapshot, ...(run.vault ? { vault: run.vault } : {}) },
              moment: "",
              ...undecided,
            });
          }
        }}
      />
    </div>
  );
}
