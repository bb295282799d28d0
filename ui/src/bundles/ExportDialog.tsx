/** Exporting from a backup into a bundle: as what, where to, how far, how it ended. Pages of sources and snapshots open it. */
import { Button, Group, Modal, Radio, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import {
  asError,
  type BackstayError,
  type BundleFormat,
  type ExportReply,
  type SnapshotRef,
  startJob,
  useCall,
  useJob,
} from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { partOf } from "../shared/databases";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Note } from "../shared/Note";
import { PathField } from "../shared/PathField";
import { paths } from "../shared/paths";
import { RevealButton } from "../shared/RevealButton";
import { verdictStatus } from "../shared/StatusGlyph";
import css from "./ExportDialog.module.css";
import { type ExportFormat, formatsFor, zipEnding } from "./formats";

/** What is exported. */
export interface ExportDialogProps {
  opened: boolean;
  onClose: () => void;
  at: SnapshotRef;
  /** Words of a selection; everything when empty. */
  only?: string[];
  /** What it is, for the head: "Team wiki, 19 November 2026, 21:00". */
  subject: string;
  /** Name to start from, without an ending. */
  name: string;
  /** Records, where their number is known. */
  records?: number;
}

/** A file name without signs that some systems refuse. */
export function safeName(name: string): string {
  return (
    name
      .replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, "-")
      .replaceAll(/\s+/g, "-")
      .replaceAll(/-+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, 80) || "backup"
  );
}

const containers = ["zip", "directory"] as const;
type ExportAs = BundleFormat | ExportFormat["name"];

/** Files that a format of another program takes: one for each database that anything is taken from. */
function unitsOf(only: string[], collections: string[]): number {
  const databases = new Set(collections.map((name) => partOf(name)?.database ?? name));
  if (only.length === 0) {
    return databases.size;
  }
  const ownerOf = (word: string) => {
    for (let end = word.length; end > 0; end = word.lastIndexOf("/", end - 1)) {
      if (databases.has(word.slice(0, end))) {
        return word.slice(0, end);
      }
    }
    return word;
  };
  return new Set(only.map(ownerOf)).size;
}

function Ended({ reply }: { reply: ExportReply }) {
  const { t } = useTranslation();
  const what = [
    reply.records > 0 ? t("bundles:export.records", { count: reply.records, n: count(reply.records) }) : "",
    reply.files > 0 ? t("bundles:export.files", { count: reply.files, n: count(reply.files) }) : "",
    bytes(reply.bytes),
  ];
  return (
    <Note
      status={verdictStatus(reply.verdict)}
      title={t("bundles:export.done")}
      actions={
        <>
          <RevealButton path={reply.path} />
          <Button component={Link} to={paths.bundle(reply.path)} variant="subtle">
            {t("bundles:export.open")}
          </Button>
        </>
      }
    >
      <div className="mono">{reply.path}</div>
      <div>{what.filter(Boolean).join(" · ")}</div>
      {reply.gaps.length > 0 && (
        <ul className={css.gaps}>
          {reply.gaps.slice(0, 100).map((gap) => (
            <li key={gap.subject}>
              <span className="mono">{gap.subject}</span> {gap.message}
            </li>
          ))}
        </ul>
      )}
    </Note>
  );
}

/** See {@link ExportDialogProps}. */
export function ExportDialog({ opened, onClose, at, only = [], subject, name, records }: ExportDialogProps) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<ExportAs>("zip");
  const [attachments, setAttachments] = useState(true);
  const [to, setTo] = useState("");
  const [started, setStarted] = useState<string | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const [overwrite, setOverwrite] = useState(false);
  const job = useJob(started ?? undefined);
  const running = job !== undefined && job.state !== "done";
  const reply = job?.state === "done" ? (job.reply as ExportReply | null | undefined) : undefined;
  const failed = error ?? (job?.error ? asError(job.error) : null);
  const start = async (replace: boolean) => {
    setError(null);
    try {
      const request = {
        at,
        to,
        format: foreign ? "zip" : (format as BundleFormat),
        ...(only.length > 0 ? { only } : {}),
        ...(replace ? { overwrite: true } : {}),
        ...(foreign
          ? {
              foreign: {
                format: foreign.name,
                attachments: !withFiles || attachments,
                withoutAttachments: !attachments,
              },
            }
          : {}),
      };
      setStarted((await startJob("bundle.export", request)).id);
    } catch (thrown) {
      setStarted(null);
      setError(asError(thrown));
    }
  };
  const close = () => {
    if (!running) {
      setStarted(null);
      setError(null);
    }
    onClose();
  };
  const ask = !running && !reply;
  const shown = useCall("snapshot.show", at, {
    enabled: opened && !at.snapshot.includes(":"),
    silent: true,
    topics: [],
  });
  const { metadata } = shown.data ?? {};
  const formats = formatsFor(metadata?.sourceKind);
  const foreign = formats.find((one) => one.name === format);
  const several = foreign !== undefined && unitsOf(only, metadata?.collections.map((one) => one.name) ?? []) > 1;
  const withFiles = foreign !== undefined && (metadata?.assets ?? 0) > 0;
  const suggested = several ? "" : format === "zip" ? zipEnding : (foreign?.ending ?? "");
  return (
    <>
      <Modal
        opened={opened && !overwrite}
        onClose={close}
        title={
          records === undefined
            ? t("bundles:export.title")
            : t("bundles:export.titleN", { count: records, n: count(records) })
        }
        size="37.5rem"
        closeButtonProps={{ "aria-label": t("common:action.close") }}
      >
        <p className="quiet">{subject}</p>
        {ask && (
          <div className={css.form}>
            <span className="strong" id="export-as">
              {t("bundles:export.as")}
            </span>
            <div>
              <SegmentedControl
                aria-labelledby="export-as"
                data={[...containers, ...formats.map((one) => one.name)].map((value) => ({
                  value,
                  label: t(`bundles:export.${value}`),
                }))}
                value={format}
                onChange={(value) => {
                  setFormat(value as ExportAs);
                  setTo("");
                }}
              />
              <p className="note">{t(`bundles:export.${format}Line`)}</p>
              {several && <p className="note">{t("bundles:export.severalLine")}</p>}
            </div>
            {withFiles && (
              <>
                <span className="strong" id="export-attachments">
                  {t("bundles:export.attachments")}
                </span>
                <Radio.Group
                  aria-labelledby="export-attachments"
                  value={attachments ? "with" : "without"}
                  onChange={(value) => setAttachments(value === "with")}
                >
                  <div className={css.options}>
                    {(["with", "without"] as const).map((value) => (
                      <Radio
                        key={value}
                        value={value}
                        label={t(`bundles:export.${value}`)}
                        description={t(`bundles:export.${value}Line`, {
                          count: metadata?.assets ?? 0,
                          n: count(metadata?.assets ?? 0),
                        })}
                      />
                    ))}
                  </div>
                </Radio.Group>
              </>
            )}
            <span className="strong">{t("bundles:export.where")}</span>
            <PathField
              aria-label={t("bundles:export.where")}
              value={to}
              onChange={setTo}
              choose="save"
              dialogTitle={t("bundles:export.choose")}
              suggested={`${safeName(name)}${suggested}`}
            />
          </div>
        )}
        {running && <JobProgress job={job} />}
        {reply && <Ended reply={reply} />}
        {failed && !running && (
          <ErrorNote
            error={failed}
            tight
            safe={t("bundles:export.safe")}
            actions={
              failed.code === "refused" && (
                <Button onClick={() => setOverwrite(true)}>{t("bundles:export.replace")}</Button>
              )
            }
          />
        )}
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button onClick={close}>{t(ask ? "common:action.cancel" : "common:action.close")}</Button>
          {ask && (
            <Button variant="filled" onClick={() => void start(false)} disabled={to.trim() === ""}>
              {t("bundles:export.now")}
            </Button>
          )}
        </Group>
      </Modal>
      <ConfirmDialog
        opened={overwrite}
        title={t("bundles:export.replaceTitle")}
        confirmLabel={t("bundles:export.replaceYes")}
        onConfirm={() => start(true)}
        onClose={() => setOverwrite(false)}
      >
        <span className="mono">{to}</span>
      </ConfirmDialog>
    </>
  );
}
