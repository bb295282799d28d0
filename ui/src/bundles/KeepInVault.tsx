/** Keeping a bundle in a vault: it becomes one more point in time of its source. */
import { Button, Group, Modal, Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { asError, type BackstayError, type BundleReply, type ImportReply, startJob, useCall, useJob } from "../api";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { verdictStatus } from "../shared/StatusGlyph";

/** The dialog: which vault, progress, and where it is now. */
export function KeepInVault({
  bundle,
  opened,
  onClose,
}: {
  bundle: BundleReply;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const vaults = useCall("vault.list", {}, { enabled: opened });
  const sources = useCall("source.list", {}, { enabled: opened && bundle.foreign != null, silent: true });
  const fitting = (sources.data?.sources ?? []).filter(({ kind }) => kind === bundle.metadata.sourceKind);
  const [source, setSource] = useState("");
  const [vault, setVault] = useState<string | null>(null);
  const [started, setStarted] = useState<string | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const job = useJob(started ?? undefined);
  const reply = job?.state === "done" ? (job.reply as ImportReply | null | undefined) : undefined;
  const chosen =
    vault ?? vaults.data?.vaults.find((one) => one.isDefault)?.name ?? vaults.data?.vaults[0]?.name ?? null;
  const running = job !== undefined && job.state !== "done";
  const start = async () => {
    setError(null);
    try {
      setStarted(
        (await startJob("bundle.import", { path: bundle.path, vault: chosen, ...(source ? { source } : {}) })).id,
      );
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  const close = () => {
    if (!running) {
      setStarted(null);
    }
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("bundles:keepTitle")}
      size="32rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {!job && (
        <>
          <p>{t("bundles:keepLine", { source: source || bundle.metadata.sourceName })}</p>
          {fitting.length > 0 && (
            <Select
              mt="sm"
              label={t("bundles:keepAs")}
              data={[
                { value: "", label: t("bundles:keepOwn", { name: bundle.metadata.sourceName }) },
                ...fitting.map(({ name }) => ({ value: name, label: name })),
              ]}
              value={source}
              onChange={(name) => setSource(name ?? "")}
              allowDeselect={false}
            />
          )}
          <ListStates
            query={vaults}
            isEmpty={(data) => data.vaults.length === 0}
            empty={
              <Empty
                title={t("bundles:noVault")}
                action={
                  <Button component={Link} to={paths.addVault()}>
                    {t("bundles:addVault")}
                  </Button>
                }
              />
            }
          >
            {(data) => (
              <Select
                mt="sm"
                label={t("bundles:vault")}
                data={data.vaults.map(({ name }) => name)}
                value={chosen}
                onChange={setVault}
                allowDeselect={false}
              />
            )}
          </ListStates>
        </>
      )}
      {running && <JobProgress job={job} />}
      {reply && (
        <Note status={verdictStatus(reply.verdict)} title={t("bundles:kept", { vault: reply.vault })}>
          {t("bundles:keptLine", { size: bytes(reply.stored) })}{" "}
          <Link to={paths.browser({ snapshot: reply.snapshot, vault: reply.vault })}>{t("bundles:keptLook")}</Link>
        </Note>
      )}
      {(error || job?.error) && <ErrorNote error={error ?? asError(job?.error)} onRetry={() => void start()} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button onClick={close}>{t(job ? "common:action.close" : "common:action.cancel")}</Button>
        {!job && (
          <Button variant="filled" onClick={() => void start()} disabled={chosen === null}>
            {t("bundles:keepNow")}
          </Button>
        )}
      </Group>
    </Modal>
  );
}
