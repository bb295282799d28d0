/** A vault may hold the history of a source of this name from before a reinstallation: it can go on instead of beginning anew. */
import { Checkbox } from "@mantine/core";
import { useEffect } from "react";
import { useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { count, moment } from "../../i18n/format";
import { Note } from "../../shared/Note";
import { useNow } from "../../shared/useNow";

/** What the note needs. */
export interface FormerHistoryProps {
  name: string;
  /** Undecided at first; then the history goes on unless it is unticked. */
  value: boolean | undefined;
  onChange: (adopt: boolean) => void;
}

/** Nothing at all unless there is such a history. */
export function FormerHistory({ name, value, onChange }: FormerHistoryProps) {
  const { t } = useTranslation();
  const now = useNow();
  const found = useCall("snapshot.list", { source: name }, { silent: true, enabled: name !== "" });
  const mine = found.data?.snapshots.filter((snapshot) => snapshot.source === name && snapshot.sourceId) ?? [];
  const newest = mine.at(-1);
  const undecided = newest !== undefined && value === undefined;
  useEffect(() => {
    if (undecided) {
      onChange(true);
    }
  }, [undecided, onChange]);
  if (!newest) {
    return null;
  }
  return (
    <Note title={t("sources:former.title", { name, count: mine.length, n: count(mine.length) })}>
      <Checkbox
        mt="xs"
        label={t("sources:former.adopt")}
        description={t("sources:former.line", { time: moment(newest.time, now) })}
        checked={value ?? true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Note>
  );
}
