/** The table of one record at three moments, with a choice for every field. Live is preset. */
import { Radio, Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { HistoryVersion } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { FieldDiff } from "../shared/FieldDiff";
import type { Choices, FieldRow, Moment } from "./choices";
import { sameValue } from "./choices";
import css from "./ThreeWay.module.css";
import { shownValue } from "./text";

/** What the table shows and what is chosen. */
export interface ThreeWayProps {
  rows: FieldRow[];
  versions: HistoryVersion[];
  /** Snapshot of the chosen version. */
  past: string | undefined;
  thenTime: string | undefined;
  newestTime: string | undefined;
  /** Both are the same snapshot: there is no column between. */
  two: boolean;
  /** Beneath "Live": when it was read, or why not. */
  liveNote: ReactNode;
  choices: Choices;
  onChoose: (field: string, moment: Moment | null) => void;
  onThen: (snapshot: string) => void;
  /** Nothing can be chosen: the live record is not there or cannot be written. */
  locked: boolean;
}

function Value({ value, against, quiet }: { value: unknown; against: unknown; quiet: boolean }) {
  const same = sameValue(value, against);
  return (
    <div className={quiet && same ? "quiet" : undefined}>
      <FieldDiff before={shownValue(same ? value : against)} after={shownValue(value)} mode="one" />
    </div>
  );
}

interface CellProps {
  row: FieldRow;
  moment: Moment | null;
  name: string;
  chosen: boolean;
  disabled: boolean;
  onChoose: () => void;
  children: ReactNode;
}

/** A value with its radio button; the whole cell can be pressed. */
function Cell({ row, moment: at, name, chosen, disabled, onChoose, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the radio button in the cell is what the keyboard uses
    <td
      className={css.cell}
      data-moment={name}
      data-chosen={(chosen && at !== null) || undefined}
      onClick={disabled ? undefined : onChoose}
    >
      <div className={css.choice}>
        {!row.computed && !row.service && (
          <Radio
            size="xs"
            name={`field-${row.name}`}
            aria-label={`${row.name}: ${name}`}
            checked={chosen}
            disabled={disabled}
            onChange={onChoose}
          />
        )}
        <div className={css.value}>{children}</div>
      </div>
    </td>
  );
}

function Row({ row, props }: { row: FieldRow; props: ThreeWayProps }) {
  const { t } = useTranslation();
  const { choices, onChoose, locked, two } = props;
  const chosen = row.computed || row.service ? undefined : choices[row.name];
  const cell = (at: Moment | null, name: string, value: unknown, content: ReactNode) => (
    <Cell
      row={row}
      moment={at}
      name={name}
      chosen={(chosen ?? null) === at}
      disabled={locked || row.computed || row.service || (at !== null && value === undefined)}
      onChoose={() => onChoose(row.name, at)}
    >
      {content}
    </Cell>
  );
  const previous = two ? row.past : row.newest;
  return (
    <tr>
      <th scope="row" className={css.name}>
        {row.name || t("compare:value")}
      </th>
      {cell("past", t("compare:record.then"), row.past, <Value value={row.past} against={row.past} quiet={false} />)}
      {!two &&
        cell("newest", t("compare:record.newest"), row.newest, <Value value={row.newest} against={row.past} quiet />)}
      {cell(
        null,
        t("compare:record.live"),
        row.live,
        <>
          <Value value={row.live} against={previous} quiet />
          {row.computed && <span className={css.calculated}>{t("compare:record.calculated")}</span>}
          {row.service && <span className={css.calculated}>{t("compare:record.service")}</span>}
        </>,
      )}
    </tr>
  );
}

/** See {@link ThreeWayProps}. */
export function ThreeWay(props: ThreeWayProps) {
  const { rows, versions, past, thenTime, newestTime, two, liveNote, onThen } = props;
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const differ = rows.filter((row) => !row.same);
  const same = rows.filter((row) => row.same);
  const options = versions
    .filter((version) => version.hash)
    .map((version) => ({ value: version.snapshot, label: moment(version.time) }))
    .reverse();
  const known = options.some((option) => option.value === past);
  return (
    <div className={`card ${css.frame}`}>
      <table className={css.table}>
        <thead>
          <tr>
            <td className={css.name} />
            <th scope="col">
              <div className={css.pick}>
                <b>{t("compare:record.then")}</b>
                <Select
                  className={css.past}
                  size="xs"
                  aria-label={t("compare:record.choose")}
                  data={known || !past || !thenTime ? options : [{ value: past, label: moment(thenTime) }, ...options]}
                  value={past ?? null}
                  onChange={(value) => value && onThen(value)}
                  allowDeselect={false}
                />
              </div>
            </th>
            {!two && (
              <th scope="col">
                <b>{t("compare:record.newest")}</b> {newestTime && moment(newestTime)}
              </th>
            )}
            <th scope="col">
              <b>{t("compare:record.live")}</b> {liveNote}
            </th>
          </tr>
        </thead>
        <tbody>
          {(all ? rows : differ).map((row) => (
            <Row key={row.name} row={row} props={props} />
          ))}
          {same.length > 0 && (
            <tr>
              <td className={css.name} />
              <td className={css.cell} colSpan={two ? 2 : 3}>
                <span className="quiet">
                  {differ.length === 0
                    ? t("compare:record.nothing")
                    : t("compare:record.sameThree", { count: same.length, n: count(same.length) })}
                </span>{" "}
                <button type="button" className={css.link} aria-expanded={all} onClick={() => setAll(!all)}>
                  {t(all ? "compare:hideThem" : "compare:showThem")}
                </button>
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
