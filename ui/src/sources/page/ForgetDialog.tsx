/** Old backups of a source: by which rule they stay, which would go, and what that frees. Nothing goes before the button. */
import { Button, Checkbox, Group, Modal, NumberInput, Select, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { asError, BackstayError, type ForgetReply, type KeepSpec, startJob, useCall, useJob } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, count, moment } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { JobProgress } from "../../shared/JobProgress";
import { ListStates } from "../../shared/ListStates";
import { Note } from "../../shared/Note";
import { useNow } from "../../shared/useNow";
import css from "./ForgetDialog.module.css";

const rules = ["30d-12w-12m", "30d-hourly-12m-daily", "last", "olderThan"] as const;
type Rule = (typeof rules)[number];
const LISTED = 300;

/** The rule as the engine takes it. */
export function keepSpec(rule: Rule, n: number): KeepSpec {
  if (rule === "last") {
    return { last: n };
  }
  return rule === "olderThan" ? { olderThan: `${n}d` } : { preset: rule };
}

function Preview({ reply }: { reply: ForgetReply }) {
  const { t } = useTranslation();
  const now = useNow();
  const gone = reply.snapshots.filter((row) => !row.keep);
  const total = reply.snapshots.length;
  return (
    <>
      <p className="strong" role="status">
        {reply.removed === 0
          ? t("sources:forget.nothing", { n: count(total) })
          : t("sources:forget.would", {
              count: reply.removed,
              n: count(reply.removed),
              total: count(total),
              stay: count(total - reply.removed),
              bytes: bytes(reply.frees),
            })}
      </p>
      {gone.length > 0 && (
        <ul className={css.list} aria-label={t("sources:forget.list")}>
          {gone.slice(0, LISTED).map((row) => (
            <li key={`${row.vault} ${row.id}`}>
              <span>{moment(row.time, now)}</span>
              <span className="quiet clip">{row.vault}</span>
            </li>
          ))}
          {gone.length > LISTED && (
            <li className="quiet">
              {t("sources:forget.more", { count: gone.length - LISTED, n: count(gone.length - LISTED) })}
            </li>
          )}
        </ul>
      )}
    </>
  );
}

/** What was done. */
function Done({ reply }: { reply: ForgetReply }) {
  const { t } = useTranslation();
  const freed = reply.pruned?.reduce((sum, one) => sum + one.freedBytes, 0);
  return (
    <Note status="complete" title={t("sources:forget.done", { count: reply.removed, n: count(reply.removed) })}>
      {freed === undefined
        ? t("sources:forget.laterFree", { bytes: bytes(reply.frees) })
        : t("sources:forget.freed", { bytes: bytes(freed) })}
    </Note>
  );
}

function Body({ source, onClose }: { source: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [rule, setRule] = useState<Rule>("30d-12w-12m");
  const [typed, setTyped] = useState<string | number>(30);
  // While the field is empty the smallest number counts: the preview shows what that means.
  const n = Math.max(1, Number(typed) || 1);
  const [prune, setPrune] = useState(false);
  const [jobId, setJobId] = useState<string | undefined>();
  const [error, setError] = useState<BackstayError | null>(null);
  const [settled] = useDebouncedValue(keepSpec(rule, n), 300);
  const preview = useCall(
    "snapshot.forget",
    { source, keep: settled, dryRun: true },
    { topics: ["snapshots"], keep: true },
  );
  const job = useJob(jobId);
  const current = JSON.stringify(settled) === JSON.stringify(keepSpec(rule, n)) && !preview.isFetching;
  const removed = current ? (preview.data?.removed ?? 0) : 0;
  const start = async () => {
    setError(null);
    try {
      setJobId((await startJob("snapshot.forget", { source, keep: settled, dryRun: false, prune })).id);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  if (job) {
    return (
      <Stack gap="md">
        {job.state !== "done" && <JobProgress job={job} />}
        {job.state === "done" && !job.error && <Done reply={job.reply as ForgetReply} />}
        {job.error && <ErrorNote error={new BackstayError(job.error)} tight onRetry={() => setJobId(undefined)} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t("common:action.close")}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <p className="quiet">{t("sources:forget.line")}</p>
      <Group align="flex-end" gap="sm">
        <Select
          className={css.rule ?? ""}
          label={t("sources:forget.rule")}
          data={rules.map((value) => ({ value, label: t(`sources:forget.rules.${value}`) }))}
          value={rule}
          allowDeselect={false}
          onChange={(next) => setRule(next as Rule)}
        />
        {(rule === "last" || rule === "olderThan") && (
          <NumberInput
            className={css.number ?? ""}
            label={t(`sources:forget.number.${rule}`)}
            min={1}
            max={100_000}
            allowDecimal={false}
            value={typed}
            onChange={setTyped}
          />
        )}
      </Group>
      <ListStates query={preview} rows={3} what={t("sources:forget.looking")}>
        {(reply) => <Preview reply={reply} />}
      </ListStates>
      <Checkbox
        label={t("sources:forget.prune")}
        description={t("sources:forget.pruneHelp")}
        checked={prune}
        onChange={(event) => setPrune(event.currentTarget.checked)}
      />
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" gap="sm">
        <Button data-autofocus onClick={onClose}>
          {t("sources:forget.no")}
        </Button>
        <Button disabled={removed === 0} onClick={() => void start()}>
          {t("sources:forget.yes", { count: removed, n: count(removed) })}
        </Button>
      </Group>
    </Stack>
  );
}

/** The dialog. */
export function ForgetDialog({ source, opened, onClose }: { source: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="34rem"
      title={t("sources:forget.title", { name: source })}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <Body source={source} onClose={onClose} />
    </Modal>
  );
}
