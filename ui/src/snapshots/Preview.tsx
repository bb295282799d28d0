/** What a file looks like inside: text, an image, or a sentence where nothing can be drawn. */
import { lazy, Suspense } from "react";
import { type PreviewReply, type SnapshotRef, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { ListStates, Loading } from "../shared/ListStates";
import css from "./Preview.module.css";

const Markdown = lazy(() => import("./Markdown"));

function Drawn({ preview, name }: { preview: PreviewReply; name: string }) {
  const { t } = useTranslation();
  if (preview.kind === "image" && preview.base64) {
    return (
      <div className={css.image}>
        <img src={`data:${preview.mediaType};base64,${preview.base64}`} alt={name} />
      </div>
    );
  }
  if (preview.kind === "text") {
    const text = preview.text ?? "";
    const cut = preview.truncated && <p className="note">{t("snapshots:files.cut", { size: bytes(preview.size) })}</p>;
    if (/\.(md|markdown)$/i.test(name)) {
      return (
        <Suspense fallback={<Loading rows={4} />}>
          <Markdown text={text} />
          {cut}
        </Suspense>
      );
    }
    return (
      <>
        <pre className={css.text}>{text}</pre>
        {cut}
      </>
    );
  }
  return (
    <p className="quiet">{t("snapshots:files.noPreview", { type: preview.mediaType, size: bytes(preview.size) })}</p>
  );
}

/** Reads and draws the beginning of a file. */
export function Preview({ at, path, name }: { at: SnapshotRef; path: string; name: string }) {
  const { t } = useTranslation();
  const preview = useCall("file.preview", { at, path }, { topics: [] });
  return (
    <ListStates query={preview} rows={4} what={t("snapshots:files.reading")}>
      {(data) => <Drawn preview={data} name={name} />}
    </ListStates>
  );
}

/** A small image, where an attachment is one; nothing while it is read or if it cannot be drawn. */
export function Thumbnail({ at, path, name }: { at: SnapshotRef; path: string; name: string }) {
  const { data } = useCall("file.preview", { at, path }, { topics: [], silent: true });
  if (data?.kind !== "image" || !data.base64) {
    return null;
  }
  return <img className={css.thumbnail} src={`data:${data.mediaType};base64,${data.base64}`} alt={name} />;
}
