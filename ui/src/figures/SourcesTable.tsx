/** One row for each source: how it is, with small charts of its days. Sorted by any column, filtered by name. */
import { Button, Progress, Switch, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { SourceFigures } from "../api";
import { useTranslation } from "../i18n";
import { bytes, clock, count, duration, exact, percent, sameDay, shortDay } from "../i18n/format";
import { Age } from "../shared/Age";
import { type BigColumn, BigTable } from "../shared/BigTable";
import { Empty } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { SourceIcon } from "../shared/SourceIcon";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { type Day, filled, ran, thinned } from "./daily";
import css from "./figures.module.css";
import { figuresStatus, filtered, lastSize, type Order, sortable, sorted, storedSum, usualSeconds } from "./rows";
import { RunStrip, Spark } from "./Spark";

const ROW = 52;
const HEAD = 35;
const STRIP = 30;
const LINE = 60;

/** A cell of two lines: the figure, and its chart. */
function Two({ value, title, children }: { value: ReactNode; title?: string; children?: ReactNode }) {
  return (
    <div className={css.two}>
      <div className={css.value} title={title}>
        {value}
      </div>
      <div className={css.under}>{children}</div>
    </div>
  );
}

function Good({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const { rpoMinutes, promiseMinutes, lastGood } = source;
  if (!lastGood) {
    return <Two value={<span className="quiet">{t("figures:table.noGood")}</span>} />;
  }
  const part = promiseMinutes && rpoMinutes != null ? (rpoMinutes * 100) / promiseMinutes : undefined;
  return (
    <Two value={<Age time={lastGood} />}>
      {part === undefined || !promiseMinutes ? (
        <span className="note">{t("figures:table.noPromise")}</span>
      ) : (
        <Progress
          className={css.promise}
          value={Math.min(100, part)}
          color={part > 100 ? "var(--bs-overdue-mark)" : "var(--bs-running-mark)"}
          aria-label={t("figures:table.ofPromise", {
            share: count(Math.round(part)),
            time: duration(promiseMinutes * 60),
          })}
          title={t("figures:table.promised", { time: duration(promiseMinutes * 60) })}
        />
      )}
    </Two>
  );
}

function Next({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const now = useNow();
  const { next } = source;
  if (!next) {
    return <Two value={<span className="quiet">{t("figures:table.byHand")}</span>} />;
  }
  const due = new Date(next) <= now;
  return (
    <Two value={due ? t("figures:table.now") : clock(next)} title={exact(next)}>
      <span className="note">{due || sameDay(next, now) ? "" : shortDay(next)}</span>
    </Two>
  );
}

function runsWords(days: Day[], t: TFunction): string {
  const sum = (name: keyof Day["runs"]) => days.reduce((all, day) => all + day.runs[name], 0);
  return t("figures:table.runs", {
    complete: count(sum("complete")),
    partial: count(sum("partial")),
    failed: count(sum("failed")),
  });
}

function trend(values: (number | undefined)[], words: (value: number) => string, t: TFunction, what: string): string {
  const known = values.filter((value): value is number => value !== undefined);
  return t("figures:table.trend", { what, from: words(known[0] ?? 0), to: words(known.at(-1) ?? 0) });
}

/** Days of one source, thinned for its charts. */
function series(source: SourceFigures, names: string[]) {
  const days = filled(source.days, names);
  const lines = thinned(days, LINE);
  const seconds = source.days.map((day) => day.seconds ?? undefined);
  const step = Math.ceil(seconds.length / LINE);
  return {
    days,
    strip: thinned(days, STRIP),
    size: lines.map((day) => (day.size > 0 ? day.size : undefined)),
    stored: lines.map((day) => day.stored),
    took: seconds.filter((_, at) => step <= 1 || at % step === 0),
  };
}

function Charted({ id, source, names }: { id: string; source: SourceFigures; names: string[] }) {
  const { t } = useTranslation();
  const lines = useMemo(() => series(source, names), [source, names]);
  const label = (values: (number | undefined)[], words: (value: number) => string) =>
    trend(values, words, t, t(`figures:table.${id}`));
  const took = usualSeconds(source);
  const size = lastSize(source);
  switch (id) {
    case "complete":
      return (
        <Two
          value={
            source.successPercent == null
              ? "–"
              : percent(source.successPercent, 100, source.successPercent < 100 ? 1 : 0)
          }
          title={runsWords(lines.days, t)}
        >
          {lines.days.some((day) => ran(day.runs) > 0) && (
            <RunStrip days={lines.strip} label={runsWords(lines.days, t)} />
          )}
        </Two>
      );
    case "size":
      return (
        <Two value={size === undefined ? "–" : bytes(size)}>
          <Spark values={lines.size} label={label(lines.size, bytes)} />
        </Two>
      );
    case "stored":
      return (
        <Two value={bytes(storedSum(source))}>
          <Spark values={lines.stored} label={label(lines.stored, bytes)} />
        </Two>
      );
    case "took":
      return (
        <Two value={took === undefined ? "–" : duration(took)}>
          <Spark values={lines.took} label={label(lines.took, duration)} />
        </Two>
      );
    default: {
      const drills = source.drills.map(([, seconds]) => seconds);
      return (
        <Two
          value={
            source.rtoSeconds == null ? (
              <span className="quiet">{t("figures:table.never")}</span>
            ) : (
              duration(source.rtoSeconds)
            )
          }
          {...(source.drilled ? { title: exact(source.drilled) } : {})}
        >
          <Spark values={drills} label={label(drills, duration)} />
        </Two>
      );
    }
  }
}

function Name({ source }: { source: SourceFigures }) {
  return (
    <div className={css.name}>
      <SourceIcon kind={source.kind} />
      <Link to={paths.source(source.source)} className="clip strong" title={source.source} tabIndex={-1}>
        {source.source}
      </Link>
    </div>
  );
}

function State({ source }: { source: SourceFigures }) {
  const { t } = useTranslation();
  const status = figuresStatus(source);
  const word = source.health === "cancelled" && status === "paused" ? "cancelled" : status;
  return (
    <span className={css.state} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} />
      <span className="clip">{t(`common:status.${word}`)}</span>
    </span>
  );
}

const widths: Record<(typeof sortable)[number], number> = {
  source: 148,
  state: 128,
  good: 108,
  next: 76,
  complete: 92,
  size: 88,
  stored: 88,
  took: 92,
  back: 92,
};

/** What a row is to the table: a name. Its figures are looked up when it is drawn, so that new ones do not begin the list anew. */
interface Row {
  name: string;
}

function useColumns(sources: SourceFigures[], names: string[]): BigColumn<Row>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const by = new Map(sources.map((source) => [source.source, source]));
    const draw = (id: (typeof sortable)[number], source: SourceFigures) => {
      switch (id) {
        case "source":
          return <Name source={source} />;
        case "state":
          return <State source={source} />;
        case "good":
          return <Good source={source} />;
        case "next":
          return <Next source={source} />;
        default:
          return <Charted id={id} source={source} names={names} />;
      }
    };
    return sortable.map((id) => ({
      id,
      header: t(`figures:table.${id}`),
      width: widths[id],
      sortable: true,
      ...(id === "source" ? { grow: true } : {}),
      cell: ({ name }: Row) => {
        const source = by.get(name);
        return source ? draw(id, source) : null;
      },
    }));
  }, [sources, names, t]);
}

/** The table with its tools. */
export function SourcesTable({ sources, names }: { sources: SourceFigures[]; names: string[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [order, setOrder] = useState<Order>({ by: "state", descending: false });
  const [words, setWords] = useState("");
  const [trouble, setTrouble] = useState(false);
  const shown = useMemo(
    () => sorted(filtered(sources, words, trouble), order).map(({ source }): Row => ({ name: source })),
    [sources, words, trouble, order],
  );
  const columns = useColumns(sources, names);
  const clear = () => {
    setWords("");
    setTrouble(false);
  };
  return (
    <section aria-label={t("figures:table.label")} className={css.sources}>
      <div className={css.tools}>
        <h2>{t("figures:table.label")}</h2>
        <TextInput
          aria-label={t("figures:table.filter")}
          placeholder={t("figures:table.filter")}
          leftSection={<IconSearch size="0.9375rem" aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Switch
          label={t("figures:table.trouble")}
          checked={trouble}
          onChange={(event) => setTrouble(event.currentTarget.checked)}
        />
        <span className="note" role="status">
          {shown.length < sources.length
            ? t("figures:table.shown", { n: count(shown.length), total: count(sources.length) })
            : ""}
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title={t("figures:table.none")} action={<Button onClick={clear}>{t("common:action.showAll")}</Button>} />
      ) : (
        <div
          className={`card ${css.table}`}
          style={{ height: `min(${(shown.length * ROW + HEAD) / 16}rem, max(20rem, 72vh))` }}
        >
          <BigTable
            label={t("figures:table.label")}
            total={shown.length}
            columns={columns}
            source={shown.map((row) => row.name).join("\n")}
            rows={async (offset, limit) => shown.slice(offset, offset + limit)}
            rowId={(row) => row.name}
            rowHeight={ROW}
            onOpen={(row) => navigate(paths.source(row.name))}
            sort={{ column: order.by, descending: order.descending }}
            onSort={(column) => {
              const by = sortable.find((one) => one === column) ?? "source";
              setOrder({ by, descending: order.by === by ? !order.descending : false });
            }}
          />
        </div>
      )}
    </section>
  );
}
