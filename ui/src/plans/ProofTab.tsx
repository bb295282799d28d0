/** Why each of the last moments ran, was delayed or failed. */
import { Button, SegmentedControl, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { type PlanRow, type ProofReply, type SlotState, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, dayOffset, percent } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { type Status, StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { HeatMap, WEEKS } from "./HeatMap";
import { monday } from "./KeepCalendar";
import { firstChoice, momentCells, type Scale, scaleOf } from "./moments";
import css from "./proof.module.css";
import { WatcherNote } from "./WatcherNote";
import { WhyCard } from "./WhyCard";
import { reasonWords } from "./words";

const DAYS = 30;
const SHORT = 14;
const delays = [
  "battery",
  "metered",
  "quiet",
  "paused",
  "busy",
  "otherProcess",
  "offline",
  "retry",
  "superseded",
  "cancelled",
];
const absences = ["asleep", "off", "notRunning", "clockAhead", "unknown"];

/** The shape beside a reason. */
function reasonStatus(code: string): Status {
  if (absences.includes(code)) {
    return "none";
  }
  return code === "partial" ? "partial" : delays.includes(code) ? "paused" : "failed";
}

function Reasons({ reasons }: { reasons: ProofReply["reasons"] }) {
  const { t } = useTranslation();
  return (
    <section className={`card ${css.reasons}`} aria-label={t("plans:proof.reasons")}>
      <h2>{t("plans:proof.reasons")}</h2>
      {reasons.length === 0 ? (
        <p className="quiet">{t("plans:proof.noReasons")}</p>
      ) : (
        <ul>
          {reasons.map(([code, n]) => (
            <li key={code}>
              <StatusGlyph status={reasonStatus(code)} size={13} />
              <span className={css.number}>{count(n)}</span>
              <span>{reasonWords(code, t)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Sources({ names, value, onChange }: { names: string[]; value: string; onChange: (name: string) => void }) {
  const { t } = useTranslation();
  const data = [{ value: "", label: t("plans:proof.all") }, ...names.map((name) => ({ value: name, label: name }))];
  if (names.length < 2) {
    return null;
  }
  return names.length <= 4 && names.join("").length < 48 ? (
    <SegmentedControl aria-label={t("plans:proof.source")} data={data} value={value} onChange={onChange} />
  ) : (
    <Select
      aria-label={t("plans:proof.source")}
      className={css.source ?? ""}
      searchable
      allowDeselect={false}
      data={data}
      value={value}
      onChange={(name) => onChange(name ?? "")}
    />
  );
}

interface FoundProps {
  plan: PlanRow;
  reply: ProofReply;
  source: string | undefined;
  scale: Scale;
  now: Date;
}

function Found({ plan, reply, source, scale, now }: FoundProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const [long, setLong] = useState(false);
  const days = long ? DAYS : SHORT;
  const { schedule } = plan.spec.timetable;
  const cells = useMemo(() => {
    const since = scale === "hours" ? dayOffset(now, 1 - days) : dayOffset(monday(now), -7 * (WEEKS - 1));
    return momentCells(reply.slots, schedule, scale, since);
  }, [reply.slots, schedule, scale, now, days]);
  const shown = chosen && cells.has(chosen) ? chosen : firstChoice(cells);
  const cell = shown ? cells.get(shown) : undefined;
  return (
    <div className={css.columns}>
      <div>
        <div className={`card ${css.map}`}>
          <HeatMap cells={cells} scale={scale} now={now} days={days} chosen={shown} onChoose={setChosen} />
        </div>
        {scale === "hours" && (
          <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setLong(!long)}>
            {t(long ? "plans:proof.fewer" : "plans:proof.more", { n: long ? SHORT : DAYS })}
          </Button>
        )}
      </div>
      <div className={css.aside}>
        {cell && <WhyCard plan={plan} cell={cell} source={source} scale={scale} now={now} />}
        <Reasons reasons={reply.reasons} />
        <WatcherNote watcher={reply.watcher} />
      </div>
    </div>
  );
}

const over: SlotState[] = ["notYet"];

/** The tab. */
export function ProofTab({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const [source, setSource] = useState(plan.overdue.length === 1 ? (plan.overdue[0] ?? "") : "");
  const scale = scaleOf(plan.spec.timetable.schedule, plan.next);
  const days = scale === "hours" ? DAYS : WEEKS * 7;
  // The day is enough: the request stays the same for as long as it lasts.
  const since = dayOffset(now, 1 - days).toISOString();
  const query = useCall(
    "plan.proof",
    { plan: plan.name, since, ...(source ? { source } : {}) },
    { silent: true, keep: true, topics: ["plans", "runs"] },
  );
  return (
    <div className={css.tab}>
      <div className={css.head}>
        <Sources names={plan.sources} value={source} onChange={setSource} />
        {query.data && query.data.moments > 0 && (
          <p className="quiet" aria-live="polite">
            {t(query.data.kept === query.data.moments ? "plans:proof.whole" : "plans:proof.line", {
              count: query.data.moments,
              n: count(query.data.moments),
              percent: percent(query.data.kept, query.data.moments, 1),
              days,
            })}
          </p>
        )}
      </div>
      <ListStates
        query={query}
        rows={6}
        what={t("plans:proof.looking")}
        isEmpty={(data) => data.slots.every((slot) => over.includes(slot.state))}
        empty={<Empty title={t("plans:proof.none")}>{t("plans:proof.noneLine")}</Empty>}
      >
        {(reply) => <Found plan={plan} reply={reply} source={source || undefined} scale={scale} now={now} />}
      </ListStates>
    </div>
  );
}
