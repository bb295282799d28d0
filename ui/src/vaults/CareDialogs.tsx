/** Freeing space and repairing: first what would happen, then the button that does it. Both run as jobs. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import { useEffect, useState } from "react";
import { asError, BackstayError, call, type PruneReply, type RepairReply, startJob, useJob, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Note } from "../shared/Note";

/** What is done. */
export type Care = "vault.prune" | "vault.repair";

interface CareDialogProps {
  care: Care | null;
  vault: string;
  onClose: () => void;
}

function request(care: Care, vault: string, dryRun: boolean) {
  return care === "vault.prune" ? { vault, dryRun } : { vault, dryRun, replaceSnapshots: true };
}

function Pruned({ reply }: { reply: PruneReply }) {
  const { t } = useTranslation();
  if (reply.freedBytes === 0) {
    return <p>{t("vaults:prune.nothing")}</p>;
  }
  return (
    <>
      <p className="strong">
        {t(reply.dryRun ? "vaults:prune.would" : "vaults:prune.did", { bytes: bytes(reply.freedBytes) })}
      </p>
      <p className="quiet">
        {t("vaults:prune.detail", {
          count: reply.packsDeleted,
          n: count(reply.packsDeleted),
          rewritten: bytes(reply.repackedBytes),
        })}
      </p>
    </>
  );
}

function Repaired({ reply }: { reply: RepairReply }) {
  const { t } = useTranslation();
  if (reply.steps.length === 0) {
    return <p>{t("vaults:repair.nothing")}</p>;
  }
  return (
    <>
      <p className="strong">{t(reply.dryRun ? "vaults:repair.would" : "vaults:repair.did")}</p>
      <ul>
        {reply.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
      {reply.lost.length > 0 && (
        <Note
          status="partial"
          title={t("vaults:repair.lost", { count: reply.lost.length, n: count(reply.lost.length) })}
        >
          {reply.lost.slice(0, 20).join("; ")}
        </Note>
      )}
      {reply.setAside && <p className="quiet">{t("vaults:repair.aside", { path: reply.setAside })}</p>}
    </>
  );
}

/** One dialog for both. */
export function CareDialog({ care, vault, onClose }: CareDialogProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [jobId, setJobId] = useState<string | undefined>();
  const [real, setReal] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const job = useJob(jobId);
  const start = async (what: Care, dryRun: boolean) => {
    setError(null);
    setReal(!dryRun);
    try {
      setJobId((await startJob(what, request(what, vault, dryRun))).id);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the preview begins when the dialog opens
  useEffect(() => {
    setJobId(undefined);
    if (care) {
      void start(care, true);
    }
  }, [care, vault]);
  const ended = job?.state === "done";
  const reply = ended && !job.error ? job.reply : undefined;
  const close = () => {
    // A preview nobody waits for is not worth its time; the real thing goes on.
    if (job && !ended && !real) {
      void call("job.cancel", { job: job.id }).catch(() => undefined);
    }
    if (real && ended) {
      void refresh(["vaults", "runs"]);
    }
    onClose();
  };
  const base = care === "vault.repair" ? "repair" : "prune";
  const idle = reply !== undefined && !real;
  const worth =
    base === "prune"
      ? ((reply as PruneReply | undefined)?.freedBytes ?? 0) > 0
      : ((reply as RepairReply | undefined)?.steps.length ?? 0) > 0;
  return (
    <Modal
      opened={care !== null}
      onClose={close}
      size="34rem"
      title={t(`vaults:${base}.title`, { name: vault })}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <Stack gap="md">
        <p className="quiet">{t(real ? `vaults:${base}.running` : `vaults:${base}.preview`)}</p>
        {job && !ended && <JobProgress job={job} />}
        {reply !== undefined &&
          (base === "prune" ? <Pruned reply={reply as PruneReply} /> : <Repaired reply={reply as RepairReply} />)}
        {(error ?? (ended && job.error)) && (
          <ErrorNote
            tight
            error={error ?? new BackstayError(job?.error ?? { code: "internal", message: "", retry: false })}
            onRetry={() => care && void start(care, !real)}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={close} data-autofocus>
            {t(idle && worth ? "common:action.cancel" : "common:action.close")}
          </Button>
          {idle && worth && care && (
            <Button variant="filled" onClick={() => void start(care, false)}>
              {base === "prune"
                ? t("vaults:prune.yes", { bytes: bytes((reply as PruneReply).freedBytes) })
                : t("vaults:repair.yes")}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
