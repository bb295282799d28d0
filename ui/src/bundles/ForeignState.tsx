/** Can the file of another program be used? The first sentence of its page, and what it says about itself. */
import { Button } from "@mantine/core";
import type { BundleReply } from "../api";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { sentence } from "../shared/sentence";
import css from "./BundlePage.module.css";

/** Whole, partial, or refused with the line and what to do. */
export function ForeignState({ bundle, onAgain }: { bundle: BundleReply; onAgain: () => void }) {
  const { t } = useTranslation();
  const { foreign, refused, metadata, parts } = bundle;
  if (!foreign) {
    return null;
  }
  const notes = foreign.notes.length > 0 && (
    <Note title={t("bundles:foreign.says")}>
      <ul className={css.damage}>
        {foreign.notes.map((note) => (
          <li key={note}>{sentence(note)}</li>
        ))}
      </ul>
    </Note>
  );
  if (refused) {
    return (
      <>
        <ErrorNote
          error={asError(refused)}
          title={t("bundles:foreign.refused", { title: foreign.title })}
          safe={t("bundles:foreign.refusedSafe")}
          onRetry={onAgain}
        />
        {notes}
      </>
    );
  }
  const items = parts.reduce((sum, part) => sum + (part.name === "assets" ? 0 : part.items), 0);
  return (
    <>
      {metadata.gaps.length === 0 && (
        <Note status="complete" title={t("bundles:foreign.whole")}>
          {t("bundles:foreign.wholeLine", { count: items, n: count(items) })}
        </Note>
      )}
      {notes}
    </>
  );
}

/** Somebody stopped the reading. */
export function Stopped({ onRead }: { onRead: () => void }) {
  const { t } = useTranslation();
  return (
    <Note
      status="paused"
      title={t("bundles:foreign.stopped")}
      actions={<Button onClick={onRead}>{t("bundles:foreign.read")}</Button>}
    >
      {t("bundles:foreign.stoppedLine")}
    </Note>
  );
}
