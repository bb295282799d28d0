/** While the sample workspace exists: what to try on it, and one button that removes all of it. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { useAct, useCall, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";

/** The note about the sample. */
export function SampleNote() {
  const { t } = useTranslation();
  const state = useCall("sample.state", {}, { silent: true });
  const refresh = useRefresh();
  const change = useAct("sample.change");
  const remove = useAct("sample.remove");
  const [asking, setAsking] = useState(false);
  if (!state.data?.exists) {
    return null;
  }
  const source = state.data.sources.find((name) => /workspace|notes/i.test(name)) ?? state.data.sources[0] ?? "";
  const changes = state.data.changes;
  const everything = () => void refresh(["sources", "vaults", "snapshots"]);
  const error = change.error;
  return (
    <Note
      title={t("overview:sample.title")}
      actions={
        <>
          {changes.length === 0 ? (
            <Button loading={change.isPending} onClick={() => change.mutate({}, { onSuccess: everything })}>
              {t("overview:sample.change")}
            </Button>
          ) : (
            <>
              <Button component={Link} to={paths.compare({ a: `${source}@latest`, b: `live:${source}` })}>
                {t("overview:sample.compare")}
              </Button>
              <Button component={Link} to={paths.restore({ source })}>
                {t("overview:sample.restore")}
              </Button>
            </>
          )}
          <Button variant="subtle" onClick={() => setAsking(true)}>
            {t("overview:sample.remove")}
          </Button>
        </>
      }
    >
      {changes.length === 0 ? t("overview:sample.line") : t("overview:sample.changed", { changes: changes.join("; ") })}
      {state.data.note && <div>{state.data.note}</div>}
      {error && <ErrorNote error={error} tight />}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await remove.mutateAsync({});
          everything();
        }}
        title={t("overview:sample.removeTitle")}
        confirmLabel={t("overview:sample.removeYes")}
        cancelLabel={t("overview:sample.removeNo")}
      >
        {t("overview:sample.removeText", { path: state.data.path })}
      </ConfirmDialog>
    </Note>
  );
}
