/** What comes today, and what waits: plans by their times. */
import type { TFunction } from "i18next";
import { Link } from "react-router";
import type { PlanRow, PlansReply, WaitingSlot } from "../api";
import { useTranslation } from "../i18n";
import { clock, count, exact, moment, sameDay } from "../i18n/format";
import { paths } from "../shared/paths";
import { StatusGlyph } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import css from "./ComingUp.module.css";

const SHOWN = 6;

/** Something that is to come. */
export interface Coming {
  id: string;
  /** Absent for what waits for a better moment. */
  at?: string;
  what: string;
  about: string;
}

function subject(plan: PlanRow, t: TFunction): string {
  const [first = plan.name, ...others] = plan.sources;
  return others.length > 0 ? t("overview:coming.andMore", { name: first, n: count(others.length) }) : first;
}

const reasons = ["battery", "metered", "quiet", "paused", "busy", "otherProcess", "offline", "retry"] as const;

/** Why a slot waits, in words. */
function waits(slot: WaitingSlot, t: TFunction): string {
  const known = reasons.find((reason) => reason === slot.reason);
  return known ? t(`overview:coming.wait.${known}`) : t("overview:coming.wait.other");
}

/** What waits, and what begins next until the day ends, in order; a plan that runs often is named once. */
export function comingToday(plans: PlanRow[], now: Date, t: TFunction): Coming[] {
  const made: Coming[] = [];
  for (const plan of plans.filter((one) => one.enabled)) {
    for (const slot of plan.waiting) {
      made.push({
        id: `${plan.id} waits ${slot.task}`,
        what: slot.task === "backup" ? subject(plan, t) : t(`overview:coming.task.${slot.task}`),
        about: waits(slot, t),
      });
    }
    const [next] = plan.next.filter((at) => new Date(at) > now);
    const slots = [
      ...(next ? [{ at: next, what: subject(plan, t) }] : []),
      ...plan.nextUpkeep.map(({ task, at }) => ({ at, what: t(`overview:coming.task.${task}`) })),
    ];
    for (const { at, what } of slots) {
      if (sameDay(at, now) && new Date(at) > now) {
        made.push({ id: `${plan.id} ${what} ${at}`, at, what, about: plan.name });
      }
    }
  }
  return made.sort((one, other) => (one.at ?? "").localeCompare(other.at ?? ""));
}

function Nothing({ plans }: { plans: PlanRow[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const next = plans
    .filter((plan) => plan.enabled)
    .flatMap((plan) => (plan.next[0] ? [{ plan, at: plan.next[0] }] : []))
    .sort((one, other) => one.at.localeCompare(other.at))[0];
  return (
    <p className="quiet">
      {next
        ? t("overview:coming.later", { name: subject(next.plan, t), time: moment(next.at, now) })
        : t("overview:coming.nothing")}
    </p>
  );
}

/** The block at the foot of the overview. */
export function ComingUp({ plans }: { plans: PlansReply["plans"] }) {
  const { t } = useTranslation();
  const now = useNow();
  const coming = comingToday(plans, now, t);
  const more = coming.length - SHOWN;
  return (
    <section className={`card ${css.block}`} aria-labelledby="coming-title">
      <h2 id="coming-title" className={css.title}>
        {t("overview:coming.title")}
      </h2>
      {coming.length === 0 ? (
        <Nothing plans={plans} />
      ) : (
        <ul className={css.list}>
          {coming.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <span className={css.time}>
                {one.at ? (
                  <time dateTime={one.at} title={exact(one.at)}>
                    {clock(one.at)}
                  </time>
                ) : (
                  <StatusGlyph status="paused" label={t("overview:coming.waits")} />
                )}
              </span>
              <span className={`${css.what} clip`} title={one.what}>
                {one.what}
              </span>
              <span className={`${css.about} clip`} title={one.about}>
                {one.about}
              </span>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <Link to={paths.plans()}>{t("overview:coming.more", { count: more, n: count(more) })}</Link>}
    </section>
  );
}
