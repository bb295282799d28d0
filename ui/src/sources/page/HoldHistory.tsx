/** Alarms of guards that were answered: what, when, by whom, and why. */
import { type HoldRow, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { exact, moment } from "../../i18n/format";
import { tripTitle } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import css from "./guard.module.css";

const SHOWN = 50;

function Row({ hold }: { hold: HoldRow }) {
  const { t } = useTranslation();
  const now = useNow();
  const released = hold.released ?? hold.at;
  return (
    <tr>
      <th scope="row">{tripTitle(hold.trip, t)}</th>
      <td title={exact(hold.at)}>{moment(hold.at, now)}</td>
      <td title={exact(released)}>
        {moment(released, now)}
        {hold.releasedBy && <div className="note">{t("sources:holdsPast.by", { name: hold.releasedBy })}</div>}
      </td>
      <td>{hold.note ? `“${hold.note}”` : <span className="quiet">{t("sources:holdsPast.noNote")}</span>}</td>
    </tr>
  );
}

/** The list; nothing where there never was an alarm. */
export function HoldHistory({ source }: { source: string }) {
  const { t } = useTranslation();
  const query = useCall("hold.list", { source, all: true }, { silent: true });
  const past = (query.data?.holds ?? []).filter((hold) => hold.released);
  if (past.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="past-title">
      <h2 id="past-title" className={css.title}>
        {t("sources:holdsPast.title")}
      </h2>
      <div className="card" style={{ overflowX: "auto", marginTop: "0.5rem" }}>
        <table className={css.history}>
          <thead>
            <tr>
              <th scope="col">{t("sources:holdsPast.what")}</th>
              <th scope="col">{t("sources:holdsPast.seen")}</th>
              <th scope="col">{t("sources:holdsPast.answered")}</th>
              <th scope="col">{t("sources:holdsPast.note")}</th>
            </tr>
          </thead>
          <tbody>
            {past.slice(0, SHOWN).map((hold) => (
              <Row key={hold.id} hold={hold} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
