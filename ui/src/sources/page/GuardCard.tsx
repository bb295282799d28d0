/** What a guard saw, on top of the timeline: the fact, each collection against its limit, and the three ways on. */
import { Button, Progress } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { Link } from "react-router";
import { type GuardBar, type HoldRow, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { clock, count, exact, moment, percent, sameDay } from "../../i18n/format";
import { paths } from "../../shared/paths";
import { StatusGlyph } from "../../shared/StatusGlyph";
import { canReview, tripFacts, tripTitle } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import css from "./guard.module.css";

const BARS = 3;

/** `08:45`, or with its day. */
export function shortMoment(time: string, now: Date): string {
  return sameDay(time, now) ? clock(time) : moment(time, now);
}

/** Where the last backup that has what went can be restored from. */
export function restoreBefore(hold: HoldRow, only?: string): string {
  return paths.restore({
    source: hold.source,
    ...(hold.before ? { snapshot: hold.before } : {}),
    ...(hold.vault ? { vault: hold.vault } : {}),
    ...(only ? { only } : {}),
  });
}

/** Collections against their limits, what went beyond first. */
export function GuardBars({ bars, limit = BARS }: { bars: GuardBar[]; limit?: number }) {
  const { t } = useTranslation();
  const worst = [...bars].sort((one, other) => other.gone / other.limit - one.gone / one.limit);
  const more = worst.length - limit;
  return (
    <>
      <table className={css.bars}>
        <caption className="visually-hidden">{t("sources:guard.bars")}</caption>
        <colgroup>
          <col className={css.colName} />
          <col className={css.colBar} />
          <col className={css.colCount} />
          <col className={css.colShare} />
        </colgroup>
        <tbody>
          {worst.slice(0, limit).map((bar) => (
            <tr key={bar.collection} data-over={bar.gone >= bar.limit || undefined}>
              <th scope="row" className="mono clip" title={bar.collection}>
                {bar.collection}
              </th>
              <td className={css.bar}>
                <Progress
                  value={bar.before > 0 ? (bar.gone * 100) / bar.before : 0}
                  color={bar.gone >= bar.limit ? "var(--bs-guard-mark)" : "var(--bs-paused-mark)"}
                  aria-label={t("sources:guard.share", { collection: bar.collection })}
                />
              </td>
              <td>
                {bar.gone === 0 && bar.now === bar.before
                  ? t("sources:guard.unchanged", { count: bar.before, n: count(bar.before) })
                  : `${count(bar.before)} → ${count(bar.now)}`}
              </td>
              <td className="quiet">
                {bar.gone > 0 &&
                  t("sources:guard.limit", {
                    share: percent(bar.gone, bar.before, bar.gone * 100 < bar.before ? 1 : 0),
                    n: count(bar.limit),
                  })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className="note">{t("sources:guard.moreBars", { count: more, n: count(more) })}</p>}
    </>
  );
}

/** Columns that are gone or of another kind. */
export function ColumnList({ hold }: { hold: HoldRow }) {
  const { t } = useTranslation();
  const { columns } = tripFacts(hold.trip);
  return (
    <ul className={css.columns}>
      {columns.map((column) => (
        <li key={column.name}>
          <span className="mono strong">{column.name}</span>{" "}
          <span className="quiet">
            {column.now === undefined
              ? t("sources:guard.columnGone", { kind: column.before })
              : t("sources:guard.columnNow", { before: column.before, now: column.now })}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Detail({ hold }: { hold: HoldRow }) {
  const { t } = useTranslation();
  const facts = tripFacts(hold.trip);
  const review = useCall("hold.review", { hold: hold.id, limit: 1 }, { enabled: canReview(hold.trip), silent: true });
  if (facts.kind === "schemaChanged") {
    return <ColumnList hold={hold} />;
  }
  if (facts.kind === "coverageLost") {
    return (
      <ul className={css.columns}>
        {facts.names.map((name) => (
          <li key={name} className="mono">
            {name}
          </li>
        ))}
      </ul>
    );
  }
  if (review.error) {
    return <p className="note">{t("sources:guard.noBars", { reason: review.error.message })}</p>;
  }
  return review.data && review.data.bars.length > 0 ? <GuardBars bars={review.data.bars} /> : null;
}

/** One cause. `holds` are its alarms, one for each vault. */
export function GuardCard({ holds, onAnswer }: { holds: HoldRow[]; onAnswer: (holds: HoldRow[]) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const [hold] = holds;
  if (!hold) {
    return null;
  }
  const { number, kind } = tripFacts(hold.trip);
  const title = tripTitle(hold.trip, t);
  return (
    <section className={`card ${css.card}`} aria-label={title}>
      <StatusGlyph status="guard" size={22} label />
      <div className={css.text}>
        <h2 className={css.title}>{title}</h2>
        <p className="quiet" title={exact(hold.at)}>
          {t("sources:guard.line", { name: hold.source, time: moment(hold.at, now) })}
        </p>
        <Detail hold={hold} />
        <div className={css.actions}>
          {canReview(hold.trip) ? (
            <Button component={Link} to={paths.review(hold.source, hold.id)} variant="filled">
              {t("sources:guard.review", { count: number, n: count(number) })}
            </Button>
          ) : kind === "coverageLost" ? (
            <Button component={Link} to={paths.source(hold.source, "coverage")} variant="filled">
              {t("sources:guard.seeCoverage")}
            </Button>
          ) : (
            hold.before &&
            hold.snapshot && (
              <Button component={Link} to={paths.compare({ a: hold.before, b: hold.snapshot })} variant="filled">
                {t("sources:guard.compare")}
              </Button>
            )
          )}
          {hold.before && (
            <Button
              component={Link}
              to={restoreBefore(hold)}
              leftSection={<IconArrowBackUp size="0.9375rem" stroke={1.8} />}
            >
              {hold.beforeTime
                ? t("sources:guard.restore", { time: shortMoment(hold.beforeTime, now) })
                : t("common:action.restore")}
            </Button>
          )}
          <Button variant="subtle" onClick={() => onAnswer(holds)}>
            {t("sources:guard.intended")}
          </Button>
        </div>
      </div>
    </section>
  );
}
