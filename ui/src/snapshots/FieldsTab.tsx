/** All fields of a record, its attachments, and how it compares with the live source. */
import { Badge } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { useState } from "react";
import type { AssetRef, Field, SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { StatusGlyph } from "../shared/StatusGlyph";
import css from "./FieldsTab.module.css";
import { FieldValue } from "./FieldValue";
import { Thumbnail } from "./Preview";
import { assetPath } from "./place";
import { SaveButton } from "./SaveButton";
import { membersOf, sizeText } from "./values";

/** Attachments shown before the rest is asked for. */
const ASSETS = 8;

/** A record's values and what is known about its fields. */
export interface FieldsTabProps {
  at: SnapshotRef;
  data: unknown;
  fields: Field[];
  assets: AssetRef[];
}

function Asset({ at, asset }: { at: SnapshotRef; asset: AssetRef }) {
  const { t } = useTranslation();
  const path = assetPath(asset);
  const image = asset.mediaType?.startsWith("image/") ?? /\.(png|jpe?g|gif|webp|svg)$/i.test(asset.name);
  return (
    <li className={css.asset}>
      <div className={css.assetLine}>
        <IconPaperclip size="0.875rem" aria-hidden />
        <span className={css.assetName}>{asset.name}</span>
        <span className="note">{sizeText(asset.size)}</span>
        {path ? (
          <span className="note">{t("snapshots:record.saved")}</span>
        ) : (
          <span className={css.missing}>
            <StatusGlyph status="partial" size={13} /> {t("snapshots:record.notSaved")}
          </span>
        )}
      </div>
      {path && image && <Thumbnail at={at} path={path} name={asset.name} />}
      {path && <SaveButton at={at} path={path} name={asset.name} small />}
    </li>
  );
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
  const [all, setAll] = useState(false);
  const shown = all ? assets : assets.slice(0, ASSETS);
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
      {assets.length > 0 && (
        <section className={css.assets}>
          <h2>{t("snapshots:record.attachments", { count: assets.length, n: assets.length })}</h2>
          <ul>
            {shown.map((asset, at_) => (
              <Asset key={`${asset.name}-${at_}`} at={at} asset={asset} />
            ))}
          </ul>
          {assets.length > shown.length && (
            <button type="button" className={css.more} onClick={() => setAll(true)}>
              {t("common:action.showAll")}
            </button>
          )}
        </section>
      )}
    </>
  );
}
