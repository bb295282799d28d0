/** Figures: how all sources did over time, and each of them. */
import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { type FiguresReply, useCall } from "../api";
import { dayNames, ran, together } from "../figures/daily";
import css from "../figures/figures.module.css";
import { OverallFacts } from "../figures/Overall";
import { SourcesTable } from "../figures/SourcesTable";
import { useTranslation } from "../i18n";
import { count, percent } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";

// The library of charts is large: it is fetched when there is something to draw.
const Charts = lazy(() => import("../figures/Charts"));

const ranges = [7, 30, 90, 365] as const;

function useRange(): [number, (days: number) => void] {
  const [search, setSearch] = useSearchParams();
  const days = ranges.find((one) => String(one) === search.get("days")) ?? 30;
  return [days, (next) => setSearch(next === 30 ? {} : { days: String(next) }, { replace: true })];
}

function useLine(reply: FiguresReply | undefined, days: number): string {
  const { t } = useTranslation();
  if (!reply) {
    return "";
  }
  const ended = reply.runs.complete + reply.runs.partial + reply.runs.failed;
  return ended === 0 || reply.successPercent == null
    ? t("figures:noRuns", { days })
    : t("figures:line", {
        count: ended,
        n: count(ended),
        share: percent(reply.successPercent, 100, reply.successPercent < 100 ? 1 : 0),
        days,
      });
}

function Body({ reply }: { reply: FiguresReply }) {
  const names = useMemo(() => dayNames(reply.from, reply.to), [reply.from, reply.to]);
  const days = useMemo(() => together(reply.sources, names), [reply.sources, names]);
  const promises = new Set(reply.sources.map((source) => source.promiseMinutes ?? undefined));
  const [promise] = promises.size === 1 ? promises : [];
  return (
    <>
      <OverallFacts reply={reply} />
      {days.some((day) => ran(day.runs) > 0) && (
        <Suspense fallback={<div className={css.space} />}>
          <Charts days={days} promiseMinutes={promise} />
        </Suspense>
      )}
      <SourcesTable sources={reply.sources} names={names} />
    </>
  );
}

/** The page. */
export default function FiguresView() {
  const { t } = useTranslation();
  const [days, setDays] = useRange();
  const query = useCall("figures", { days }, { silent: true, keep: true });
  const line = useLine(query.isPlaceholderData ? undefined : query.data, days);
  return (
    <Page>
      <PageHeader
        title={t("figures:title")}
        crumbs={[{ label: t("figures:overview"), to: paths.overview() }]}
        line={line}
        actions={
          <SegmentedControl
            aria-label={t("figures:range")}
            value={String(days)}
            onChange={(next) => setDays(Number(next))}
            data={ranges.map((one) => ({ value: String(one), label: t("figures:days", { n: one }) }))}
          />
        }
      />
      <ListStates
        query={query}
        rows={8}
        what={t("figures:loading")}
        isEmpty={(reply) => reply.sources.length === 0}
        empty={
          <Empty title={t("figures:empty")}>
            <Link to={paths.addSource()}>{t("common:action.addSource")}</Link>
          </Empty>
        }
      >
        {(reply) => <Body reply={reply} />}
      </ListStates>
    </Page>
  );
}
