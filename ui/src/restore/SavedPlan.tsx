/** A plan somebody saved and opened again: shown as it is, and run as it is. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { asError, type BackstayError, call, type PlanCounts } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { Preview } from "./Preview";
import { actions, writeCount } from "./stepWords";
import { useRun } from "./useRun";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

async function countsOf(path: string): Promise<PlanCounts> {
  const found = await Promise.all(
    actions.map(
      async (action) => [action, (await call("restore.steps", { path, offset: 0, limit: 1, action })).total] as const,
    ),
  );
  return Object.fromEntries(found) as unknown as PlanCounts;
}

/** The preview of a plan's file. */
export function SavedPlan({ path }: { path: string }) {
  const { t } = useTranslation();
  const { leave } = useWizard();
  const navigate = useNavigate();
  const run = useRun();
  const counts = useQuery<PlanCounts, BackstayError>({
    queryKey: ["restore.counts", path],
    queryFn: () => countsOf(path).catch((thrown) => Promise.reject(asError(thrown))),
  });
  const todo = counts.data ? writeCount(counts.data) : 0;
  const start = () => {
    void run.start(path, counts.data?.delete ?? 0).then((job) => job && navigate(paths.restoreJob(job)));
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
            disabled={todo === 0 || (counts.data?.conflict ?? 0) > 0}
          >
            {t("restore:preview.run", { count: todo, n: count(todo) })}
          </MainButton>
        </>
      }
    >
      {run.dialog}
      {run.error && <ErrorNote error={run.error} onRetry={start} />}
      <ListStates query={counts} what={t("restore:saved.reading")}>
        {(data) => (
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
            <Preview path={path} counts={data} at={null} fresh={false} choices={undefined} onLost={() => undefined} />
          </>
        )}
      </ListStates>
    </WizardPage>
  );
}
