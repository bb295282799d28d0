/** Alarms that nobody has answered and nothing has ended: what needs a person, worst first. */
import { Link } from "react-router";
import { type AlertRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment } from "../i18n/format";
import { eventStatus } from "../shared/eventStatus";
import { paths } from "../shared/paths";
import { StatusGlyph, severity } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import css from "./activity.module.css";

/** Where a person finds out more: the run, else the source, else the vault. */
function place({ message }: AlertRow): string | undefined {
  if (message.run) {
    return paths.run(message.run);
  }
  if (message.source) {
    return paths.source(message.source);
  }
  return message.vault ? paths.vault(message.vault) : undefined;
}

function Alarm({ alarm }: { alarm: AlertRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const { message, since } = alarm;
  const to = place(alarm);
  return (
    <li className={css.alarm}>
      <StatusGlyph status={eventStatus(message.event)} size={17} label />
      <div className={css.grow}>
        <div className="strong">{message.title}</div>
        {message.body && <div className="quiet">{message.body}</div>}
        <div className="note">
          <time dateTime={since} title={exact(since)}>
            {t("activity:alarms.since", { time: moment(since, now) })}
          </time>
          {alarm.count > 1 && ` · ${t("activity:alarms.times", { count: alarm.count, n: count(alarm.count) })}`}
          {message.plan && ` · ${t("activity:run.ofPlan", { plan: message.plan })}`}
        </div>
      </div>
      {to && (
        <Link to={to} aria-label={t("activity:alarms.showName", { name: message.title })}>
          {t("activity:alarms.show")}
        </Link>
      )}
    </li>
  );
}

/** The list; nothing while there is no alarm, or while it is not known. */
export function OpenAlarms() {
  const { t } = useTranslation();
  const query = useCall("alert.list", {}, { silent: true, topics: ["channels", "runs", "holds"] });
  const alarms = [...(query.data?.alerts ?? [])].sort(
    (one, other) =>
      severity.indexOf(eventStatus(one.message.event)) - severity.indexOf(eventStatus(other.message.event)),
  );
  if (alarms.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="alarms" className={css.section}>
      <h2 id="alarms">{t("activity:alarms.title")}</h2>
      <ul className={`card ${css.jobs} ${css.alarms}`}>
        {alarms.map((alarm) => (
          <Alarm key={alarm.cause} alarm={alarm} />
        ))}
      </ul>
    </section>
  );
}
