/** Removes one backup of a source. The last complete one goes only after a second, clearer question. */
import { useState } from "react";
import { asError, call, type RunPoint } from "../../api";
import { useTranslation } from "../../i18n";
import { exact } from "../../i18n/format";
import { ConfirmDialog } from "../../shared/ConfirmDialog";
import { Note } from "../../shared/Note";

/** The question. */
export function RemoveBackup({
  source,
  point,
  onClose,
}: {
  source: string;
  point: RunPoint | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [last, setLast] = useState(false);
  const close = () => {
    setLast(false);
    onClose();
  };
  const remove = async () => {
    const snapshot = point?.snapshot ?? "";
    try {
      await call("snapshot.remove", { snapshot, vault: point?.vault ?? null, last });
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code === "refused" && !last) {
        setLast(true);
      }
      throw error;
    }
  };
  return (
    <ConfirmDialog
      opened={point !== null}
      onClose={close}
      title={t("sources:removeOne.title", { time: point ? exact(point.time) : "" })}
      confirmLabel={t("sources:removeOne.yes")}
      cancelLabel={t("sources:removeOne.no")}
      {...(last ? { typed: source } : {})}
      onConfirm={remove}
    >
      <p>{t("sources:removeOne.text", { name: source, vault: point?.vault ?? "" })}</p>
      {last && <Note status="failed">{t("sources:removeOne.last", { name: source })}</Note>}
    </ConfirmDialog>
  );
}
