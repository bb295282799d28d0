/** The preview of bringing single fields back, and the button that does it. Nothing is written before it is pressed. */
import { Button, Group, Modal } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { call, jobEnd, type PlanReply, type PlanStep, startJob } from "../api";
import { asError, type BackstayError } from "../api/error";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { FieldDiff } from "../shared/FieldDiff";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { type Part, requestOf } from "./choices";
import css from "./RestoreFields.module.css";
import { fieldName, shownValue } from "./text";

/** What is brought back. */
export interface RestoreFieldsProps {
  opened: boolean;
  onClose: () => void;
  collection: string;
  id: string;
  /** One restore for each snapshot that gives fields. */
  parts: Part[];
  /** What a moment is called. */
  nameOf: (part: Part) => string;
}

/** Steps that write something. */
function writes(step: PlanStep): boolean {
  return step.action === "update" || step.action === "create" || step.action === "keepBoth";
}

function Step({ step }: { step: PlanStep }) {
  const { t } = useTranslation();
  return (
    <>
      {(step.fields ?? []).map((field) => (
        <div key={field.field} className={css.field}>
          <span className={css.name}>{fieldName(field.field)}</span>
          <FieldDiff before={shownValue(field.before)} after={shownValue(field.after)} mode="one" />
        </div>
      ))}
      {step.leftOut && step.leftOut.length > 0 && (
        <p className="note">
          {t("compare:record.leftOut", { names: step.leftOut.map((field) => fieldName(field) || field).join(", ") })}
        </p>
      )}
      {(step.action === "impossible" || step.action === "conflict") && (
        <Note status="partial" title={t("compare:record.blocked")}>
          {step.reason}
        </Note>
      )}
    </>
  );
}

/** The dialog. */
export function RestoreFields({ opened, onClose, collection, id, parts, nameOf }: RestoreFieldsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const requests = parts.map((part) => requestOf(part, collection, id));
  const plans = useQuery<PlanReply[], BackstayError>({
    queryKey: ["restore.plan", requests],
    enabled: opened && parts.length > 0,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const made: PlanReply[] = [];
      for (const request of requests) {
        made.push(await call("restore.plan", request, { signal }));
      }
      return made;
    },
  });
  const steps = (plans.data ?? []).flatMap((plan) => plan.steps);
  const fields = steps.filter(writes).reduce((sum, step) => sum + (step.fields?.length ?? 0), 0);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      let job = "";
      for (const [at, request] of requests.entries()) {
        // The second restore changes the record the first one wrote: it is planned anew.
        const plan = at === 0 ? plans.data?.[0] : await call("restore.plan", request);
        if (!plan) {
          return;
        }
        job = (await startJob("restore.run", { path: plan.path })).id;
        if (at < requests.length - 1) {
          const ended = await jobEnd(job);
          if (ended.error) {
            break;
          }
        }
      }
      onClose();
      navigate(paths.restoreJob(job));
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const moved = error?.code === "changed";
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("compare:record.previewTitle")}
      size="44rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <p className="quiet">{t("compare:record.previewText")}</p>
      {plans.isPending && <Loading rows={3} what={t("compare:record.previewing")} />}
      {plans.error && <ErrorNote error={plans.error} tight onRetry={() => void plans.refetch()} />}
      {plans.data?.map((plan, at) => {
        const part = parts[at];
        return (
          <section key={plan.plan.planId} className={css.part}>
            {parts.length > 1 && part && <h3>{t("compare:record.from", { when: nameOf(part) })}</h3>}
            {plan.steps.map((step) => (
              <Step key={step.index} step={step} />
            ))}
          </section>
        );
      })}
      {plans.data && fields === 0 && <Empty title={t("compare:record.nothingToDo")} />}
      {error && (
        <ErrorNote
          error={error}
          tight
          {...(moved
            ? {
                actions: (
                  <Button
                    onClick={() => {
                      setError(null);
                      void plans.refetch();
                    }}
                  >
                    {t("compare:record.updatePreview")}
                  </Button>
                ),
              }
            : {})}
        />
      )}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button data-autofocus onClick={onClose}>
          {t("common:action.cancel")}
        </Button>
        <Button
          variant="filled"
          leftSection={<IconArrowBackUp size="0.9375rem" />}
          disabled={fields === 0 || plans.isFetching}
          loading={busy}
          onClick={() => void run()}
        >
          {t("compare:record.run", { count: fields, n: count(fields) })}
        </Button>
      </Group>
    </Modal>
  );
}
