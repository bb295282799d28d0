/** The next runs of a timetable, in words and times. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { Timetable } from "../api";
import { useTranslation } from "../i18n";
import { age, clock, exact } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Loading } from "../shared/ListStates";
import { useNow } from "../shared/useNow";
import css from "./plan.module.css";
import { localZone } from "./timetable";
import type { usePreview } from "./usePreview";
import { dayToCome } from "./words";

/** Near enough to count the hours, and not so near that it is now. */
function isNear(time: string, now: Date): boolean {
  const ahead = Date.parse(time) - now.getTime();
  return ahead >= 60_000 && ahead < 86_400_000;
}

/** The card. */
export function NextRuns({ timetable, preview }: { timetable: Timetable; preview: ReturnType<typeof usePreview> }) {
  const { t } = useTranslation();
  const now = useNow();
  const [all, setAll] = useState(false);
  const { reply, error, query } = preview;
  const zone = timetable.zone === "local" ? localZone() : timetable.zone;
  const next = reply?.next ?? [];
  return (
    <section className={`card ${css.box}`} aria-label={t("plans:next.title")}>
      <h2>{t("plans:next.title")}</h2>
      {timetable.schedule === "manual" ? (
        <p className="quiet">{t("plans:next.manual")}</p>
      ) : error ? (
        <ErrorNote error={error} title={t("plans:next.none")} tight onRetry={() => void query.refetch()} />
      ) : !reply ? (
        query.fetchStatus === "fetching" ? (
          <Loading rows={3} />
        ) : (
          <p className="quiet">{t("plans:next.none")}</p>
        )
      ) : next.length === 0 ? (
        <p className="quiet">{t("plans:next.never")}</p>
      ) : (
        <>
          <ol className={css.next} data-stale={!preview.fresh || undefined} aria-live="polite">
            {next.slice(0, all ? 10 : 5).map((time) => (
              <li key={time} title={exact(time)}>
                <span className="clip">
                  {dayToCome(time, now, t)} <strong>{clock(time)}</strong>
                </span>
                {isNear(time, now) && <span className={css.in}>{age(time, now)}</span>}
              </li>
            ))}
          </ol>
          {zone !== localZone() && <p className="note">{t("plans:next.here", { zone: localZone() })}</p>}
          {next.length > 5 && (
            <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)}>
              {t(all ? "plans:next.fewer" : "plans:next.more")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
