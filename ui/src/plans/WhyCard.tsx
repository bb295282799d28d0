/** Why a moment went as it did: what happened, when it began, what stands for it, and the way on. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { PlanRow, SlotRow } from "../api";
import { useTranslation } from "../i18n";
import { clock, count, day as dayName, duration } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { paths } from "../shared/paths";
import { sentence } from "../shared/sentence";
import { type MomentCell, momentKind, type Scale, together } from "./moments";
import css from "./proof.module.css";
import { useRunPlan } from "./useRunPlan";
import { reasonWords, soon } from "./words";

function useFacts(now: Date): (slot: SlotRow) => string[] {
  const { t } = useTranslation();
  return (slot) => {
    const facts: string[] = [];
    if (slot.reason && slot.state !== "failed") {
      facts.push(sentence(t(`plans:why.because`, { reason: reasonWords(slot.reason, t) })));
    }
    if (slot.started) {
      const late = (Date.parse(slot.started) - Date.parse(slot.due)) / 1000;
      facts.push(
        late >= 120
          ? t("plans:why.startedLate", { time: soon(slot.started, now, t), late: duration(Math.round(late / 60) * 60) })
          : t("plans:why.started", { time: clock(slot.started) }),
      );
      if (slot.finished) {
        facts.push(
          t("plans:why.took", { time: duration((Date.parse(slot.finished) - Date.parse(slot.started)) / 1000) }),
        );
      }
    }
    if (slot.attempts > 1) {
      facts.push(t("plans:why.attempts", { count: slot.attempts, n: count(slot.attempts) }));
    }
    if (slot.coveredBy) {
      facts.push(t("plans:why.covered", { time: soon(slot.coveredBy, now, t) }));
    } else if (slot.state === "missed" || slot.state === "skipped") {
      facts.push(t("plans:why.notCovered"));
    }
    return facts;
  };
}

/** What the card is about. */
export interface WhyCardProps {
  plan: PlanRow;
  cell: MomentCell;
  source: string | undefined;
  scale: Scale;
  now: Date;
}

/** The card at the right of the map. */
export function WhyCard({ plan, cell, source, scale, now }: WhyCardProps) {
  const { t } = useTranslation();
  const facts = useFacts(now);
  const { run, error } = useRunPlan();
  const [worst] = cell.shares;
  if (!worst) {
    return null;
  }
  const { slot } = worst;
  const kind = momentKind(slot);
  const said = facts(slot).join(" ");
  const single = cell.count === 1;
  const shares = together(cell.shares);
  const when = single
    ? `${dayName(slot.due, now)}, ${clock(slot.due)}`
    : scale === "days"
      ? dayName(cell.start, now)
      : t("plans:why.hour", { day: dayName(cell.start, now), from: clock(cell.start) });
  const title =
    slot.state === "failed" && slot.code
      ? t("plans:why.failed", { why: reasonWords(slot.code, t) })
      : t(`plans:why.title.${kind}`);
  return (
    <section className={`card ${css.why}`} aria-label={t("plans:why.label")} aria-live="polite">
      <p className="quiet">{when}</p>
      <h2>{title}</h2>
      {!single && (
        <ul className={css.shares}>
          {shares.slice(0, 12).map(({ slot: one, count: n }, index) => (
            <li key={`${one.due} ${one.state}`}>
              {count(n)} {t(`plans:moments.${momentKind(one)}`)}
              {index > 0 && (one.reason || one.code) ? (
                <span className="quiet">{` · ${reasonWords(one.reason ?? one.code ?? "", t)}`}</span>
              ) : null}
            </li>
          ))}
          {shares.length > 12 && (
            <li className="quiet">
              {t("plans:why.more", { count: shares.length - 12, n: count(shares.length - 12) })}
            </li>
          )}
        </ul>
      )}
      {slot.message && <p>{sentence(slot.message)}</p>}
      {said && <p>{said}</p>}
      {error && <ErrorNote error={error} tight />}
      <div className={css.buttons}>
        {slot.state === "failed" && (
          <Button onClick={() => run({ plan: plan.name, ...(source ? { sources: [source] } : {}) })}>
            {t("plans:why.again")}
          </Button>
        )}
        {slot.run && (
          <Button component={Link} to={paths.run(slot.run)}>
            {t("plans:why.run")}
          </Button>
        )}
      </div>
    </section>
  );
}
