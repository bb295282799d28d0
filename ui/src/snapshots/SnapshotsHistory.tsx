/** The history of everything: filters, the strip of days, the list. */
import { Button, Popover, Select, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type SnapshotRow, type SnapshotsReply, useCall, type Verdict } from "../api";
import { useTranslation } from "../i18n";
import { count, dayOffset } from "../i18n/format";
import { Empty } from "../shared/ListStates";
import { DayStrip } from "./DayStrip";
import { bars } from "./days";
import { Problems } from "./Problems";
import { SnapshotList } from "./SnapshotList";

/** Days of the strip. */
const DAYS = 84;
/** Days of the list that the strip marks. */
const MARKED = 7;

function longDate(time: string, language: string): string {
  const style: Intl.DateTimeFormatOptions = { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, style).format(new Date(time));
}

/** "What changed, in all sources. 4,190 points in time since 2 March 2026." */
export function SnapshotsLine({ rows }: { rows: SnapshotRow[] }) {
  const { t, i18n } = useTranslation();
  const first = rows[0];
  if (!first) {
    return <>{t("snapshots:line")}</>;
  }
  const since = longDate(first.time, i18n.language);
  return <>{`${t("snapshots:line")} ${t("snapshots:since", { count: rows.length, n: count(rows.length), since })}`}</>;
}

/** A date as `<input type=date>` has it. */
function inputDate(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function GoTo({ value, onGo }: { value: Date; onGo: (date: Date) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button leftSection={<IconCalendar size="0.9375rem" />} onClick={() => setOpen(!open)}>
          {t("snapshots:goTo.button")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const typed = new FormData(event.currentTarget).get("date");
            const [year, month, date] = String(typed).split("-").map(Number);
            if (year && month && date) {
              onGo(new Date(year, month - 1, date));
              setOpen(false);
            }
          }}
        >
          <TextInput
            type="date"
            name="date"
            label={t("snapshots:goTo.label")}
            defaultValue={inputDate(value)}
            data-autofocus
          />
          <Button type="submit" mt="sm" fullWidth>
            {t("snapshots:goTo.go")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What of the history is shown. */
export interface Filter {
  source: string | null;
  verdict: Verdict | null;
  /** The list begins with this day. */
  from: Date | null;
}

/** Everything, from today on. */
export const noFilter: Filter = { source: null, verdict: null, from: null };

interface Filtering {
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

/** The filters, for the head of the page. */
export function SnapshotFilters({ rows, filter, onFilter }: Filtering & { rows: SnapshotRow[] }) {
  const { t } = useTranslation();
  const names = useMemo(() => [...new Set(rows.map((row) => row.source))].sort(), [rows]);
  const verdicts = (["complete", "partial", "cancelled"] as const).map((value) => ({
    value,
    label: t(`common:status.${value}`),
  }));
  return (
    <>
      <Select
        aria-label={t("snapshots:filter.source")}
        placeholder={t("snapshots:filter.allSources")}
        data={names}
        value={filter.source}
        onChange={(source) => onFilter({ ...filter, source })}
        clearable
        searchable={names.length > 12}
        w="10rem"
      />
      <Select
        aria-label={t("snapshots:filter.verdict")}
        placeholder={t("snapshots:filter.allVerdicts")}
        data={verdicts}
        value={filter.verdict}
        onChange={(verdict) => onFilter({ ...filter, verdict: verdict as Verdict | null })}
        clearable
        w="9rem"
      />
      <GoTo value={filter.from ?? new Date()} onGo={(from) => onFilter({ ...filter, from })} />
    </>
  );
}

/** The strip of days and the list. */
export function SnapshotsHistory({ reply, filter, onFilter }: Filtering & { reply: SnapshotsReply }) {
  const { t } = useTranslation();
  const sources = useCall("source.list", {}, { silent: true });
  const { source, verdict, from } = filter;
  const kinds = useMemo(
    () => new Map((sources.data?.sources ?? []).map((row) => [row.name, row.kind])),
    [sources.data],
  );
  const rows = useMemo(
    () =>
      reply.snapshots
        .filter((row) => (!source || row.source === source) && (!verdict || row.verdict === verdict))
        .sort((one, other) => other.time.localeCompare(one.time)),
    [reply, source, verdict],
  );
  const today = new Date();
  const begin = from ?? today;
  const limit = dayOffset(begin, 1).toISOString();
  const shown = from ? rows.filter((row) => row.time < limit) : rows;
  const end = begin < dayOffset(today, -DAYS + MARKED) ? dayOffset(begin, MARKED) : today;
  const newestDay = shown[0] ? dayOffset(shown[0].time, 0) : dayOffset(begin, 0);
  return (
    <>
      {reply.problems && <Problems problems={reply.problems} />}
      <DayStrip
        days={bars(rows, end, DAYS)}
        from={newestDay}
        to={dayOffset(newestDay, -MARKED + 1)}
        onJump={(day) => onFilter({ ...filter, from: day })}
      />
      {shown.length === 0 ? (
        <Empty
          title={t("snapshots:list.none")}
          action={<Button onClick={() => onFilter(noFilter)}>{t("snapshots:filter.reset")}</Button>}
        />
      ) : (
        <SnapshotList
          key={`${source}/${verdict}/${limit}`}
          rows={shown}
          kinds={kinds}
          newer={rows.length - shown.length}
          onNewest={() => onFilter({ ...filter, from: null })}
        />
      )}
    </>
  );
}
