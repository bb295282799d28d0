/** A plan's name, how it stands, what goes where; run, pause, rename, switch off, remove. */
import { ActionIcon, Button, Group, Menu, Modal, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconPlayerPlay, IconPower, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { asError, type BackstayError, call, type PlanRow, useJobs, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import { VerdictPill } from "../shared/VerdictPill";
import { PauseMenu } from "./PauseMenu";
import { useRunPlan } from "./useRunPlan";
import { planStatus, restWords, stateWords } from "./words";

/** The plan with one thing about it changed; what is being edited stays as it is. */
function setPlan(plan: PlanRow, part: { name?: string; enabled?: boolean }) {
  const { sources, vaults, spec } = plan;
  return call("plan.set", { plan: plan.name, name: plan.name, sources, vaults, spec, ...part });
}

function Rename({ plan, taken, onClose }: { plan: PlanRow; taken: string[]; onClose: (name?: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(plan.name);
  const [error, setError] = useState<BackstayError | null>(null);
  const clean = name.trim();
  const used = clean !== plan.name && taken.includes(clean);
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await setPlan(plan, { name: clean });
      onClose(clean);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  return (
    <Modal
      opened
      onClose={() => onClose()}
      title={t("plans:rename.title", { name: plan.name })}
      size="26rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <form onSubmit={(event) => void rename(event)}>
        <TextInput
          data-autofocus
          label={t("plans:rename.label")}
          autoComplete="off"
          value={name}
          error={used ? t("plans:rename.taken", { name: clean }) : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {error && <ErrorNote error={error} tight />}
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button onClick={() => onClose()}>{t("common:action.cancel")}</Button>
          <Button type="submit" variant="filled" disabled={clean === "" || clean === plan.name || used}>
            {t("plans:rename.button")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** The jobs of this plan that are not over. */
export function usePlanJobs(plan: PlanRow) {
  return useJobs().filter((job) => {
    const request = (job.request ?? {}) as { plan?: unknown };
    return (
      job.command === "plan.run" && job.state !== "done" && (request.plan === plan.name || request.plan === plan.id)
    );
  });
}

/** What the head needs. */
export interface PlanHeadProps {
  plan: PlanRow;
  /** Names of all plans. */
  taken: string[];
  /** The page goes to another address by itself: nothing is asked. */
  onLeave: () => void;
}

/** The head. */
export function PlanHead({ plan, taken, onLeave }: PlanHeadProps) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const running = usePlanJobs(plan).length > 0;
  const start = useRunPlan();
  const [failed, setError] = useState<BackstayError | null>(null);
  const error = failed ?? start.error;
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const attempt = (work: Promise<unknown>) => {
    setError(null);
    void work.catch((thrown) => setError(asError(thrown)));
  };
  // What is worse than resting is the plan's state; that it rests is said beside it.
  const rests = plan.state === "paused" || running ? undefined : restWords(plan, now, t);
  const goesTo = plan.vaults.length > 0 ? plan.vaults.join(", ") : t("plans:head.ownVaults");
  return (
    <>
      <PageHeader
        title={plan.name}
        state={
          <>
            <VerdictPill
              status={running ? "running" : planStatus(plan)}
              word={running ? t("common:status.running") : stateWords(plan, now, t)}
            />
            {rests && <VerdictPill status="paused" word={rests} />}
          </>
        }
        line={
          <span title={plan.sources.join(", ")}>
            {plan.sources.length > 6
              ? t("plans:head.many", { n: count(plan.sources.length) })
              : plan.sources.join(", ")}
            {" → "}
            {goesTo}
          </span>
        }
        actions={
          <>
            <Button
              leftSection={<IconPlayerPlay size="0.9375rem" />}
              disabled={running}
              onClick={() => start.run({ plan: plan.name })}
            >
              {t("plans:head.run")}
            </Button>
            <PauseMenu plan={plan} onError={setError} />
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label={t("plans:head.more", { name: plan.name })}>
                  <IconDots size="1rem" />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconPencil size="0.9375rem" />} onClick={() => setDialog("rename")}>
                  {t("plans:head.rename")}
                </Menu.Item>
                <Menu.Item
                  leftSection={<IconPower size="0.9375rem" />}
                  onClick={() =>
                    attempt(setPlan(plan, { enabled: !plan.enabled }).then(() => refresh(["plans", "sources"])))
                  }
                >
                  {t(plan.enabled ? "plans:head.off" : "plans:head.on")}
                </Menu.Item>
                <Menu.Item leftSection={<IconTrash size="0.9375rem" />} onClick={() => setDialog("remove")}>
                  {t("plans:head.remove")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      {error && <ErrorNote error={error} />}
      {dialog === "rename" && (
        <Rename
          plan={plan}
          taken={taken}
          onClose={(name) => {
            setDialog(null);
            if (name) {
              void refresh(["plans"]);
            }
          }}
        />
      )}
      <ConfirmDialog
        opened={dialog === "remove"}
        title={t("plans:remove.title", { name: plan.name })}
        confirmLabel={t("plans:remove.yes")}
        cancelLabel={t("plans:remove.no")}
        onClose={() => setDialog(null)}
        onConfirm={async () => {
          await call("plan.remove", { plan: plan.name });
          onLeave();
          await navigate(paths.plans(), { replace: true });
          await refresh(["plans", "sources"]);
        }}
      >
        {t("plans:remove.line", { count: plan.sources.length, names: plan.sources.join(", ") })}
      </ConfirmDialog>
    </>
  );
}
