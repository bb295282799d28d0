/** All fields of a record, its attachments, and how it compares with the live source. */
import { Badge } from "@mantine/core";
import type { AssetRef, Field, SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { Attachments } from "./Attachments";
import css from "./FieldsTab.module.css";
import { FieldValue } from "./FieldValue";
import { membersOf } from "./values";

/** A record's values and what is known about its fields. */
export interface FieldsTabProps {
  at: SnapshotRef;
  data: unknown;
  fields: Field[];
  assets: AssetRef[];
}

/** Fields in the collection's order, then whatever else the record has. */
function ordered(data: unknown, fields: Field[]): { name: string; value: unknown; field: Field | undefined }[] {
  const members = new Map(membersOf(data));
  const known = fields.filter((field) => members.has(field.name));
  const rest = [...members.keys()].filter((name) => !known.some((field) => field.name === name));
  return [
    ...known.map((field) => ({ name: field.name, value: members.get(field.name), field })),
    ...rest.map((name) => ({ name, value: members.get(name), field: undefined })),
  ];
}

/** The tab. */
export function FieldsTab({ at, data, fields, assets }: FieldsTabProps) {
  const { t } = useTranslation();
  return (
    <>
      <dl className={css.fields}>
        {ordered(data, fields).map(({ name, value, field }) => (
          <div key={name} className={css.field}>
            <dt title={field ? `${name}: ${field.kind}` : name}>{name || t("snapshots:record.value")}</dt>
            <dd>
              <FieldValue value={value} />
              {field?.computed && (
                <Badge variant="light" color="gray" size="sm" tt="none" title={t("snapshots:record.calculatedWhy")}>
                  {t("snapshots:record.calculated")}
                </Badge>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Attachments at={at} assets={assets} />
    </>
  );
}
