/** The differences of two sides: filters with counts, the list, the chosen record. */
import { SegmentedControl, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import type { ChangeKind, CollectionCounts } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { ChangeDetail } from "./ChangeDetail";
import { ChangeList } from "./ChangeList";
import { ChangeSign } from "./ChangeSign";
import { Columns } from "./Columns";
import type { Chosen } from "./ComparePage";
import css from "./Differing.module.css";
import { changedFields, changeKey, entriesOf } from "./entries";
import { LeftSide } from "./LeftSide";
import type { Side } from "./sides";
import { LISTED, sums, useDiff } from "./useDiff";

/** Two sides and what is chosen of their differences. */
export interface DifferingProps {
  before: Side;
  after: Side;
  collection: string | null;
  onCollection: (name: string | null) => void;
  current: string | undefined;
  onCurrent: (key: string | undefined) => void;
  chosen: Chosen;
  onChosen: (chosen: Chosen) => void;
  narrow: boolean;
}

const kinds: ChangeKind[] = ["added", "changed", "removed"];

function Filters(props: DifferingProps & { counts: CollectionCounts[]; fields: string[] }) {
  const { counts, fields, collection, onCollection, chosen, onChosen } = props;
  const { t } = useTranslation();
  const sum = sums(collection ? counts.filter((one) => one.collection === collection) : counts);
  const total = sum.added + sum.changed + sum.removed;
  const differing = counts.filter(({ counts: one }) => one.added + one.changed + one.removed > 0);
  return (
    <div className={css.filters}>
      <SegmentedControl
        value={chosen.change ?? "all"}
        onChange={(value) => onChosen({ ...chosen, change: value === "all" ? null : (value as ChangeKind) })}
        aria-label={t("compare:kinds")}
        data={[
          { value: "all", label: `${t("compare:all")} ${count(total)}` },
          ...kinds.map((kind) => ({
            value: kind,
            label: (
              <span className={css.kind}>
                <ChangeSign change={kind} silent />
                {t(`compare:change.${kind}`)} {count(sum[kind])}
              </span>
            ),
          })),
        ]}
      />
      <span className="note" role="status">
        {t("compare:sameRecords", { count: sum.unchanged, n: count(sum.unchanged) })}
      </span>
      <span className={css.selects}>
        <Select
          aria-label={t("compare:collection")}
          placeholder={t("compare:allCollections")}
          data={differing.map((one) => one.collection)}
          value={collection}
          onChange={onCollection}
          clearable
          searchable={differing.length > 12}
          w="11rem"
        />
        <Select
          aria-label={t("compare:field")}
          placeholder={t("compare:anyField")}
          data={fields}
          value={chosen.field}
          onChange={(field) => onChosen({ ...chosen, field })}
          clearable
          searchable
          w="9rem"
        />
      </span>
    </div>
  );
}

function Nothing({ counts }: { counts: CollectionCounts[] }) {
  const { t } = useTranslation();
  const same = sums(counts).unchanged;
  return <Empty title={t("compare:nothing")}>{t("compare:nothingText", { count: same, n: count(same) })}</Empty>;
}

/** See {@link DifferingProps}. */
export function Differing(props: DifferingProps) {
  const { before, after, collection, current, onCurrent, chosen, onChosen, narrow } = props;
  const { t } = useTranslation();
  const [mode, setMode] = useState<"side" | "one">("side");
  const diff = useDiff(before, after, collection);
  const { counts, changes } = diff;
  const fields = useMemo(() => changedFields(changes ?? []), [changes]);
  const shown = useMemo(
    () => (collection ? (changes ?? []).filter((one) => one.collection === collection) : (changes ?? [])),
    [changes, collection],
  );
  const entries = useMemo(() => entriesOf(shown, counts ?? [], chosen), [shown, counts, chosen]);
  const listed = entries.flatMap((entry) => (entry.kind === "change" ? [entry.change] : []));
  const named = listed.find((change) => changeKey(change) === current);
  const open = named ?? (narrow ? undefined : listed[0]);
  if (diff.error) {
    const live = !before.row || !after.row;
    return (
      <div className={css.parts} data-bare>
        {!narrow && <LeftSide side={before.row ? before : after} />}
        <div className={css.wrong}>
          <ErrorNote
            error={diff.error}
            {...(live && diff.error.code !== "cancelled" ? { title: t("compare:liveUnread") } : {})}
            onRetry={diff.retry}
          />
        </div>
      </div>
    );
  }
  if (!counts) {
    return <Loading rows={10} what={t(before.row && after.row ? "compare:reading" : "compare:readingLive")} />;
  }
  const sum = sums(counts);
  if (sum.added + sum.changed + sum.removed === 0) {
    return <Nothing counts={counts} />;
  }
  return (
    <>
      {!(narrow && named) && <Filters {...props} counts={counts} fields={fields} />}
      {!(narrow && named) && <Columns before={before} after={after} />}
      {diff.truncated && !(narrow && named) && (
        <div className={css.note}>
          <Note>{t("compare:truncated", { n: count(LISTED) })}</Note>
        </div>
      )}
      <div className={css.parts}>
        {changes === undefined && <Loading rows={10} what={t("compare:readingChanges")} />}
        {changes !== undefined && entries.length === 0 && (
          <div className={css.wrong}>
            <Empty
              title={t("compare:noneFits")}
              action={
                <button type="button" className={css.link} onClick={() => onChosen({ change: null, field: null })}>
                  {t("compare:showAll")}
                </button>
              }
            />
          </div>
        )}
        {entries.length > 0 && !(narrow && named) && (
          <ChangeList
            entries={entries}
            before={before}
            after={after}
            current={open && changeKey(open)}
            onChoose={(change) => onCurrent(changeKey(change))}
          />
        )}
        {open && (
          <ChangeDetail
            key={changeKey(open)}
            change={open}
            before={before}
            after={after}
            mode={narrow ? "one" : mode}
            onMode={setMode}
            onBack={narrow ? () => onCurrent(undefined) : undefined}
          />
        )}
      </div>
    </>
  );
}
