/** What is attached to a record: each with its type and size, a look inside, a copy of it; what is missing is named. */
import { Button } from "@mantine/core";
import { IconEye, IconEyeOff, IconPaperclip } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { AssetRef, SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { StatusGlyph } from "../shared/StatusGlyph";
import css from "./Attachments.module.css";
import { Preview, Thumbnail } from "./Preview";
import { assetPath } from "./place";
import { SaveButton } from "./SaveButton";
import { sizeText } from "./values";

/** Attachments shown before the rest is asked for. */
const SHOWN = 8;

const images = /\.(png|jpe?g|gif|webp|svg)$/i;
const texts = /\.(txt|md|markdown|csv|tsv|json|ndjson|xml|ya?ml|html?|css|js|ts|log|ini|toml|sql|eml)$/i;

function isImage({ name, mediaType }: AssetRef): boolean {
  return mediaType?.startsWith("image/") ?? images.test(name);
}

/** Whether its beginning can be read as text. Types that only say "bytes" are judged by the name. */
function isText({ name, mediaType }: AssetRef): boolean {
  return texts.test(name) || (mediaType != null && /^text\/|[/+](json|xml|javascript|yaml)\b/.test(mediaType));
}

function Attachment({ at, asset }: { at: SnapshotRef; asset: AssetRef }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const region = useId();
  const path = assetPath(asset);
  const readable = path !== null && isText(asset) && !isImage(asset);
  const facts = [sizeText(asset.size), asset.mediaType ?? ""].filter(Boolean).join(" · ");
  return (
    <li className={css.attachment}>
      <div className={css.line}>
        <IconPaperclip size="0.875rem" aria-hidden />
        <span className={css.name}>{asset.name}</span>
        <span className="note">{facts}</span>
        {path ? (
          <span className="note">{t("snapshots:record.saved")}</span>
        ) : (
          <span className={css.missing}>
            <StatusGlyph status="partial" size={13} /> {t("snapshots:record.notSaved")}
          </span>
        )}
      </div>
      {path && isImage(asset) && <Thumbnail at={at} path={path} name={asset.name} />}
      {path && (
        <div className={css.actions}>
          {readable && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={open ? <IconEyeOff size="0.9375rem" /> : <IconEye size="0.9375rem" />}
              aria-expanded={open}
              aria-controls={region}
              aria-label={t(open ? "snapshots:record.hideOf" : "snapshots:record.lookOf", { name: asset.name })}
              onClick={() => setOpen(!open)}
            >
              {t(open ? "snapshots:record.hide" : "snapshots:record.look")}
            </Button>
          )}
          <SaveButton at={at} path={path} name={asset.name} small />
        </div>
      )}
      {path && open && (
        <div id={region} className={css.inside}>
          <Preview at={at} path={path} name={asset.name} />
        </div>
      )}
    </li>
  );
}

/** The list, with its heading. */
export function Attachments({ at, assets }: { at: SnapshotRef; assets: AssetRef[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? assets : assets.slice(0, SHOWN);
  const missing = assets.filter(({ sha256 }) => !sha256).length;
  if (assets.length === 0) {
    return null;
  }
  return (
    <section className={css.attachments}>
      <h2>{t("snapshots:record.attachments", { count: assets.length, n: count(assets.length) })}</h2>
      {missing > 0 && (
        <p className="note">
          {t("snapshots:record.missing", { count: missing, n: count(missing), of: assets.length })}
        </p>
      )}
      <ul>
        {shown.map((asset, index) => (
          <Attachment key={`${asset.name}-${index}`} at={at} asset={asset} />
        ))}
      </ul>
      {assets.length > shown.length && (
        <button type="button" className={css.more} onClick={() => setAll(true)}>
          {t("common:action.showAll")}
        </button>
      )}
    </section>
  );
}
