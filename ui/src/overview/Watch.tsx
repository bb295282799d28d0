/** Whether anybody starts the backups by the clock: nobody runs the plans, or some sources are in none. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { type PlansReply, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Age } from "../shared/Age";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import css from "./Watch.module.css";

/** Plans stand still: said as long as no process looks at the clock. */
export function NotWatching({ plans }: { plans: PlansReply["plans"] }) {
  const { t } = useTranslation();
  const timed = plans.some((plan) => plan.enabled && plan.promiseMinutes != null);
  const agent = useCall("agent.status", {}, { enabled: timed, silent: true }).data;
  if (!timed || !agent || agent.running) {
    return null;
  }
  return (
    <Note
      status="overdue"
      title={t("overview:watch.title")}
      actions={
        <Button component={Link} to={paths.settings("general")}>
          {t("overview:watch.settings")}
        </Button>
      }
    >
      {t("overview:watch.line")}{" "}
      {agent.alive && (
        <>
          {t("overview:watch.alive")} <Age time={agent.alive} />.
        </>
      )}
    </Note>
  );
}

/** Sources nobody backs up by the clock. */
export function Unplanned({ plans }: { plans: PlansReply }) {
  const { t } = useTranslation();
  const names = plans.unplanned;
  if (names.length === 0) {
    return null;
  }
  return (
    <p className={css.line}>
      <span title={names.join(", ")}>
        {t("overview:unplanned", { count: names.length, n: count(names.length), name: names[0] })}
      </span>
      <Button component={Link} to={plans.plans.length > 0 ? paths.plans() : paths.addPlan()} variant="subtle">
        {t(plans.plans.length > 0 ? "overview:choosePlan" : "overview:makePlan")}
      </Button>
    </p>
  );
}
