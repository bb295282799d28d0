/** When a plan backs up, what, and into which vaults. */
import type { PlanRow } from "../api";
import { useTranslation } from "../i18n";
import { Age } from "../shared/Age";
import { verdictStatus } from "../shared/StatusGlyph";
import { VerdictPill } from "../shared/VerdictPill";
import { BadMoments } from "./BadMoments";
import type { PlanEdit } from "./draft";
import { Members } from "./Members";
import { NextRuns } from "./NextRuns";
import { PromiseField } from "./PromiseField";
import css from "./plan.module.css";
import { TimetableFields } from "./TimetableFields";
import { kindOf } from "./timetable";
import { usePreview } from "./usePreview";

function LastRun({ last: [began, verdict] }: { last: NonNullable<PlanRow["last"]> }) {
  const { t } = useTranslation();
  return (
    <section className={`card ${css.box} ${css.last}`} aria-label={t("plans:last.title")}>
      <h2>{t("plans:last.title")}</h2>
      <p>
        <Age time={began} focusable />{" "}
        {verdict ? (
          <VerdictPill
            status={verdictStatus(verdict)}
            {...(verdict === "cancelled" ? { word: t("common:status.cancelled") } : {})}
            plain
          />
        ) : (
          <VerdictPill status="running" plain />
        )}
      </p>
    </section>
  );
}

/** The tab. */
export function ScheduleTab({ plan, edit }: { plan: PlanRow; edit: PlanEdit }) {
  const { t } = useTranslation();
  const { draft, change, changeSpec } = edit;
  const { spec } = draft;
  const preview = usePreview(spec.timetable);
  const kind = kindOf(spec.timetable.schedule);
  const cron = preview.reply?.cron;
  return (
    <div className={css.columns}>
      <div className={css.column}>
        <div>
          <TimetableFields
            value={spec.timetable}
            cron={cron}
            error={preview.error ? preview.error.message : undefined}
            onChange={(timetable) => changeSpec({ timetable })}
          />
          {kind !== "cron" && cron && (
            <p className={css.asCron}>
              {t("plans:cron.as")} <code>{cron}</code>
              {` · ${t(kind === "minutes" ? "plans:cron.clocksMinutes" : "plans:cron.clocks")}`}
            </p>
          )}
        </div>
        <BadMoments rules={spec.rules} onChange={(rules) => changeSpec({ rules })} />
        <PromiseField
          minutes={spec.promiseMinutes}
          usual={preview.reply?.promiseMinutes}
          onChange={(promiseMinutes) => changeSpec({ promiseMinutes })}
        />
        <Members sources={draft.sources} vaults={draft.vaults} onChange={change} />
      </div>
      <div className={css.aside}>
        <NextRuns timetable={spec.timetable} preview={preview} />
        {plan.last && <LastRun last={plan.last} />}
      </div>
    </div>
  );
}
