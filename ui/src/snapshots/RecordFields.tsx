/** The first tab of a record: its fields; of a design document its code; of a database's settings what they mean. */
import { Button } from "@mantine/core";
import type { Field, SavedRecord, SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import type { PartKind } from "../shared/databases";
import { Note } from "../shared/Note";
import { DesignTab } from "./DesignTab";
import { documentOf } from "./documents";
import { FieldsTab } from "./FieldsTab";
import { SettingsTab } from "./SettingsTab";

/** A record and where it stands. */
export interface RecordFieldsProps {
  at: SnapshotRef;
  record: SavedRecord;
  data: unknown;
  fields: Field[];
  /** Of a collection beside the documents of a database. */
  part: PartKind | undefined;
  /** Shows the other versions of a document in conflict. */
  onOthers: () => void;
}

/** The tab. */
export function RecordFields({ at, record, data, fields, part, onOthers }: RecordFieldsProps) {
  const { t } = useTranslation();
  const document = documentOf(record, data);
  if (part === "settings") {
    return <SettingsTab id={record.id} data={data} />;
  }
  if (!document) {
    return <FieldsTab at={at} data={data} fields={fields} assets={record.assets ?? []} />;
  }
  const { winner, others } = document;
  return (
    <>
      {others.length > 0 && (
        <Note
          status="partial"
          title={t("snapshots:others.title", { count: others.length, n: count(others.length) })}
          actions={<Button onClick={onOthers}>{t("snapshots:others.look")}</Button>}
        >
          {t("snapshots:others.why")}
        </Note>
      )}
      {winner.deleted && <Note title={t("snapshots:record.deletedTitle")}>{t("snapshots:record.deletedLine")}</Note>}
      {part === "local" && <Note>{t("snapshots:record.localLine")}</Note>}
      {part === "design" && !winner.deleted ? (
        <DesignTab at={at} data={data} leaf={winner} />
      ) : (
        <FieldsTab at={at} data={winner.fields} fields={fields} assets={winner.assets} />
      )}
    </>
  );
}
