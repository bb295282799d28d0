/** A plan somebody saved and opened again: shown as it is, and run as it is. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { Preview } from "./Preview";
import { writeCount } from "./stepWords";
import { useRun } from "./useRun";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

/** The preview of a plan's file. */
export function SavedPlan({ path }: { path: string }) {
  const { t } = useTranslation();
  const { leave } = useWizard();
  const navigate = useNavigate();
  const run = useRun();
  // Opening copies it to where nobody else changes it: what is shown is what runs.
  const opened = useCall("restore.openPlan", { path }, { topics: [] });
  const counts = opened.data?.plan.counts;
  const todo = counts ? writeCount(counts) : 0;
  const start = () => {
    if (opened.data) {
      void run.start(opened.data.path, counts?.delete ?? 0).then((job) => job && navigate(paths.restoreJob(job)));
    }
  };
  return (
    <WizardPage
      step={4}
      question={t("restore:saved.title")}
      line={<span className="mono">{path}</span>}
      fill
      onClose={leave}
      scope={t("restore:nothingYet")}
      buttons={
        <>
          <Button onClick={leave}>{t("common:action.cancel")}</Button>
          <MainButton
            icon={<IconArrowBackUp size="0.9375rem" />}
            onClick={start}
            loading={run.busy}
            disabled={todo === 0 || (counts?.conflict ?? 0) > 0}
          >
            {t("restore:preview.run", { count: todo, n: count(todo) })}
          </MainButton>
        </>
      }
    >
      {run.dialog}
      {run.error && <ErrorNote error={run.error} onRetry={start} />}
      <ListStates query={opened} what={t("restore:saved.reading")}>
        {({ path: own, plan: { counts: data } }) => (
          <>
            <Note>{t("restore:saved.line")}</Note>
            {data.conflict > 0 && (
              <Note
                status="partial"
                title={t("restore:preview.undecided", { count: data.conflict, n: count(data.conflict) })}
              >
                {t("restore:saved.undecided")}
              </Note>
            )}
            <Preview path={own} counts={data} at={null} fresh={false} choices={undefined} onLost={() => undefined} />
          </>
        )}
      </ListStates>
    </WizardPage>
  );
}
