/** The backups of one source by day, newest first. Letters act on the row that has the focus. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { Fragment, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { RunPoint } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, clock, count, day, duration, exact, sameDay } from "../../i18n/format";
import { paths } from "../../shared/paths";
import { verdictStatus } from "../../shared/StatusGlyph";
import { useShortcut } from "../../shared/shortcuts";
import { tripReason } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import { focusedRow, useRowKeys } from "../../shared/useRowKeys";
import { VerdictPill } from "../../shared/VerdictPill";
import { Changes } from "./Changes";
import css from "./page.module.css";
import type { RunMarks } from "./useMarks";

const PAGE = 60;

/** What the table needs. */
export interface RunTableProps {
  source: string;
  /** Oldest first. */
  points: RunPoint[];
  /** Name the vault of each: the source goes to several. */
  severalVaults: boolean;
  /** Name the plan of each: the source is in several. */
  severalPlans?: boolean;
  onRemove: (point: RunPoint) => void;
  /** What is known of single runs beside their verdict. */
  marks?: RunMarks;
  /** Pins a backup, or takes its pin away. */
  onPin?: (point: RunPoint) => void;
}

/** For each run the saved one before it in the same vault. `points` are oldest first. */
export function previous(points: RunPoint[]): Map<string, RunPoint> {
  const last = new Map<string, RunPoint>();
  const found = new Map<string, RunPoint>();
  for (const point of points) {
    if (!point.snapshot) {
      continue;
    }
    const vault = point.vault ?? "";
    const before = last.get(vault);
    if (before) {
      found.set(point.run, before);
    }
    last.set(vault, point);
  }
  return found;
}

function about({ point, severalVaults, severalPlans, marks }: RowProps, t: TFunction): string {
  const hold = marks?.hold(point);
  const pin = marks?.pin(point);
  return [
    hold ? tripReason(hold.trip, t) : "",
    marks?.late(point),
    point.reason?.[1],
    pin === undefined ? "" : pin ? t("sources:pin.pinned", { name: pin }) : t("sources:pin.pinnedBare"),
    severalPlans ? marks?.plan(point) : "",
    severalVaults ? point.vault : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

interface RowProps extends Omit<RunTableProps, "points"> {
  point: RunPoint;
  before: RunPoint | undefined;
}

function RowMenu({ source, point, before, onRemove, marks, onPin }: RowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const at = { snapshot: point.snapshot ?? "", vault: point.vault ?? null };
  const saved = Boolean(point.snapshot);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="1.625rem" aria-label={t("sources:run.more", { time: exact(point.time) })}>
          <IconDots size="1rem" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={!saved} onClick={() => navigate(paths.browser(at))}>
          {t("common:action.browse")}
        </Menu.Item>
        <Menu.Item
          disabled={!before}
          onClick={() => before?.snapshot && navigate(paths.compare({ a: before.snapshot, b: at.snapshot }))}
        >
          {t("sources:run.compareBefore")}
        </Menu.Item>
        <Menu.Item disabled={!saved} onClick={() => navigate(paths.compare({ a: at.snapshot, b: `live:${source}` }))}>
          {t("sources:compareLive")}
        </Menu.Item>
        <Menu.Item
          disabled={!saved}
          onClick={() =>
            navigate(paths.restore({ snapshot: at.snapshot, ...(point.vault ? { vault: point.vault } : {}) }))
          }
        >
          {t("common:action.restore")}
        </Menu.Item>
        <Menu.Item onClick={() => navigate(paths.run(point.run))}>{t("sources:run.details")}</Menu.Item>
        <Menu.Divider />
        {onPin && (
          <Menu.Item disabled={!saved} onClick={() => onPin(point)}>
            {t(marks?.pin(point) === undefined ? "sources:pin.item" : "sources:pin.away")}
          </Menu.Item>
        )}
        <Menu.Item disabled={!saved} onClick={() => onRemove(point)}>
          {t("sources:run.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Row(props: RowProps) {
  const { point, before } = props;
  const { t } = useTranslation();
  const to = point.snapshot
    ? paths.browser({ snapshot: point.snapshot, vault: point.vault ?? null })
    : paths.run(point.run);
  const words = about(props, t);
  const held = props.marks?.hold(point) !== undefined;
  return (
    <tr className={css.run}>
      <th scope="row">
        <Link to={to} className={css.rowLink ?? ""} data-row={point.run} title={exact(point.time)}>
          {clock(point.time)}
        </Link>
      </th>
      <td className={css.verdict}>
        <div>
          <VerdictPill
            plain
            status={held ? "guard" : point.verdict ? verdictStatus(point.verdict) : "running"}
            {...(point.verdict === "cancelled" ? { word: t("common:status.cancelled") } : {})}
            gaps={point.gaps}
          />
          {words && (
            <span className="note clip" title={words}>
              {words}
            </span>
          )}
        </div>
      </td>
      <Changes point={point} before={before} />
      <td className="num">{point.snapshot ? bytes(point.stored) : ""}</td>
      <td className={`num quiet ${css.took}`}>{point.seconds != null ? duration(point.seconds) : ""}</td>
      <td className={css.end}>
        <RowMenu {...props} />
      </td>
    </tr>
  );
}

/** The table. */
export function RunTable(props: RunTableProps) {
  const { source, points } = props;
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const table = useRowKeys();
  const [shown, setShown] = useState(PAGE);
  const before = previous(points);
  const newest = [...points].reverse();
  const rows = newest.slice(0, shown);
  const more = newest.length - rows.length;
  const onRow = (act: (point: RunPoint) => void) => () => {
    const run = focusedRow();
    const point = points.find((one) => one.run === run);
    if (point?.snapshot) {
      act(point);
    }
  };
  useShortcut(
    "C",
    t("sources:key.compare"),
    onRow((point) => navigate(paths.compare({ a: point.snapshot ?? "", b: `live:${source}` }))),
    { group: "letters" },
  );
  useShortcut(
    "R",
    t("sources:key.restore"),
    onRow((point) =>
      navigate(paths.restore({ snapshot: point.snapshot ?? "", ...(point.vault ? { vault: point.vault } : {}) })),
    ),
    { group: "letters" },
  );
  return (
    <div className={`card ${css.scroll}`}>
      <table className={css.runs} ref={table} aria-rowcount={newest.length}>
        <thead>
          <tr>
            <th scope="col" className={css.when}>
              {t("sources:run.when")}
            </th>
            <th scope="col">{t("sources:run.verdict")}</th>
            <th scope="col" className={`num ${css.change}`}>
              {t("sources:run.new")}
            </th>
            <th scope="col" className={`num ${css.change}`}>
              {t("sources:run.edited")}
            </th>
            <th scope="col" className={`num ${css.change}`}>
              {t("sources:run.gone")}
            </th>
            <th scope="col" className={`num ${css.amount}`}>
              {t("sources:run.stored")}
            </th>
            <th scope="col" className={`num ${css.amount} ${css.took}`}>
              {t("sources:run.took")}
            </th>
            <th scope="col" className={css.end}>
              <span className="visually-hidden">{t("sources:table.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((point, index) => (
            <Fragment key={point.run}>
              {(index === 0 || !sameDay(point.time, rows[index - 1]?.time ?? "")) && (
                <tr className={css.day}>
                  <th scope="rowgroup" colSpan={8}>
                    {day(point.time, now)}
                  </th>
                </tr>
              )}
              <Row {...props} point={point} before={before.get(point.run)} />
            </Fragment>
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + PAGE)}>
          {t("sources:run.older", { count: more, n: count(more) })}
        </Button>
      )}
    </div>
  );
}
