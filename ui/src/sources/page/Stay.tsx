/** The stay of one source with bars for how much each backup stored. */
import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "react-router";
import type { RunPoint, SourceHealth } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, moment } from "../../i18n/format";
import { paths } from "../../shared/paths";
import { heldPoints, StayLine, type StayPoint } from "../../shared/StayLine";
import { useNow } from "../../shared/useNow";
import css from "./page.module.css";
import { bars, daysOf, knots, marks, type Range, spanOf } from "./range";

/** What the stay needs. */
export interface StayProps {
  source: SourceHealth;
  points: RunPoint[];
  range: Range;
  onRange: (range: Range) => void;
  /** Runs at which a guard tripped that was not answered. */
  heldRuns: Set<string>;
}

function Card({ point }: { point: StayPoint }) {
  const { t } = useTranslation();
  const stored = point.runs.reduce((sum, run) => sum + run.stored, 0);
  return (
    <div>
      <div className="strong">{point.when}</div>
      <div>{point.what}</div>
      {stored > 0 && <div className="note">{t("sources:timeline.stored", { bytes: bytes(stored) })}</div>}
      {point.runs[0]?.reason && point.runs.length === 1 && <div className="note">{point.runs[0].reason[1]}</div>}
    </div>
  );
}

/** The card on top of the timeline. */
export function Stay({ source, points, range, onRange, heldRuns }: StayProps) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const days = daysOf(range, source.source.created, now);
  const span = spanOf(days, now);
  const all = knots(points, span, t);
  const line = heldRuns.size > 0 ? heldPoints(all, heldRuns) : all;
  const at = (now.getTime() - span.from.getTime()) / (span.to.getTime() - span.from.getTime());
  const open = (point: StayPoint) => {
    const run = point.runs.findLast((one) => one.snapshot);
    if (run?.snapshot) {
      navigate(paths.browser({ snapshot: run.snapshot, vault: run.vault ?? null }));
    }
  };
  return (
    <section className={`card ${css.stay}`} aria-label={t("sources:timeline.label")}>
      <div className={css.stayHead}>
        <div>
          <span className="strong">{t(`sources:range.title${range}`)}</span>{" "}
          <span className="note">{t("sources:timeline.legend")}</span>
        </div>
        <SegmentedControl
          aria-label={t("sources:range.label")}
          value={range}
          onChange={(next) => onRange(next as Range)}
          data={[
            { value: "14", label: t("sources:range.14") },
            { value: "90", label: t("sources:range.90") },
            { value: "all", label: t("sources:range.all") },
          ]}
        />
      </div>
      <div className={css.line}>
        <div className={css.bars} aria-hidden>
          {bars(line).map((bar) => (
            <span key={bar.id} style={{ left: `${bar.at * 100}%`, height: `${bar.height * 100}%` }} />
          ))}
        </div>
        <StayLine
          label={t("sources:timeline.of", { name: source.source.name })}
          points={line}
          now={at}
          height={28}
          marks={marks(days, now, t)}
          card={(point) => <Card point={point} />}
          onOpen={open}
          promiseMinutes={source.promiseMinutes}
          overdue={source.overdue}
          next={source.next ? moment(source.next, now) : null}
        />
      </div>
    </section>
  );
}
