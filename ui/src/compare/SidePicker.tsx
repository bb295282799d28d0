/** Chooses one side: a snapshot of the source, or the source as it is now. */
import { Select } from "@mantine/core";
import type { SnapshotRow } from "../api";
import { useTranslation } from "../i18n";
import { clock, day } from "../i18n/format";
import { verdictStatus } from "../shared/StatusGlyph";
import { VerdictPill } from "../shared/VerdictPill";
import css from "./SidePicker.module.css";
import { liveId, type Side } from "./sides";

/** A side and what it can be. */
export interface SidePickerProps {
  label: string;
  side: Side | undefined;
  /** Snapshots of the source, oldest first. */
  rows: SnapshotRow[];
  source: string;
  onChange: (id: string) => void;
}

function Option({ row, label }: { row: SnapshotRow | undefined; label: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.option}>
      <span className="strong">{label}</span>
      <span className="note">
        {row ? (
          <>
            {row.verdict && <VerdictPill status={verdictStatus(row.verdict)} plain />} {row.vault}
            {row.safety && ` · ${t("compare:safety")}`}
          </>
        ) : (
          t("compare:liveNote")
        )}
      </span>
    </div>
  );
}

/** The field. */
export function SidePicker({ label, side, rows, source, onChange }: SidePickerProps) {
  const { t } = useTranslation();
  const names = new Map<string, SnapshotRow | undefined>([[liveId(source), undefined]]);
  const data = [{ value: liveId(source), label: t("compare:liveIn", { source }) }];
  for (const row of [...rows].reverse()) {
    names.set(row.id, row);
    data.push({ value: row.id, label: `${day(row.time)}, ${clock(row.time)}` });
  }
  return (
    <div className={css.picker}>
      <span className={css.label} aria-hidden>
        {label}
      </span>
      <Select
        className={css.field}
        styles={{ input: { border: 0, background: "transparent", paddingLeft: 0, outline: 0 } }}
        aria-label={label}
        data={data}
        value={side?.id ?? null}
        onChange={(value) => value && onChange(value)}
        allowDeselect={false}
        searchable
        limit={400}
        maxDropdownHeight="50vh"
        nothingFoundMessage={t("compare:noPoint")}
        renderOption={({ option }) => <Option row={names.get(option.value)} label={option.label} />}
      />
    </div>
  );
}
