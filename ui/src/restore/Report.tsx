/** Step 7: how it ended. The target was read again and compared; what differs or is missing is named; Undo is here. */
import { Button, RingProgress } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Gap, JobView, ReadBackDifference, RestoreReply, TargetSpec } from "../api";
import { useTranslation } from "../i18n";
import { count, decimal, duration } from "../i18n/format";
import { Note } from "../shared/Note";
import { RevealButton } from "../shared/RevealButton";
import { type Status, statusColor, verdictStatus } from "../shared/StatusGlyph";
import { VerdictPill } from "../shared/VerdictPill";
import css from "./Report.module.css";
import { ReportConflicts } from "./ReportConflicts";
import { MainButton, WizardPage } from "./WizardPage";

const SHOWN = 100;

/** Never rounds to 100 what is not whole. */
function scoreText(score: number): string {
  return score >= 100 ? "100" : decimal(Math.min(score, 99.9), 1);
}

function Ring({ reply, status }: { reply: RestoreReply; status: Status }) {
  const { t } = useTranslation();
  const { score } = reply.readBack;
  return (
    <RingProgress
      size={116}
      thickness={9}
      roundCaps={false}
      sections={[{ value: score, color: statusColor(status, "mark") }]}
      rootColor="var(--bs-line)"
      role="img"
      aria-label={t("restore:report.score", { score: scoreText(score) })}
      label={
        <div className={css.score} aria-hidden>
          <strong>{scoreText(score)}</strong>
          <span>{t("restore:report.same")}</span>
        </div>
      }
    />
  );
}

function Facts({ job, reply, undo }: { job: JobView; reply: RestoreReply; undo: boolean }) {
  const { t } = useTranslation();
  const { counts } = reply.plan;
  const took =
    job.started && job.finished ? (new Date(job.finished).getTime() - new Date(job.started).getTime()) / 1000 : null;
  const rows: [string, number][] = [
    ["created", counts.create],
    ["updated", counts.update],
    ["both", counts.keepBoth],
    ["deleted", counts.delete],
    ["left", counts.skip + counts.same],
    ["impossible", counts.impossible],
  ];
  return (
    <dl className={css.facts}>
      {rows
        .filter(([name, number]) => number > 0 || (!undo && (name === "created" || name === "updated")))
        .map(([name, number]) => (
          <div key={name}>
            <dt>{t(`restore:report.${name}`)}</dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      {took !== null && (
        <div>
          <dt>{t("restore:report.took")}</dt>
          <dd>{duration(took)}</dd>
        </div>
      )}
    </dl>
  );
}

function Named({
  title,
  items,
  head,
}: {
  title: string;
  items: { subject: string; message: string }[];
  head: [string, string];
}) {
  const { t } = useTranslation();
  if (items.length === 0) {
    return null;
  }
  return (
    <section>
      <h4 className={css.listTitle}>{title}</h4>
      <div className="card">
        <table className={css.list}>
          <thead>
            <tr>
              <th scope="col">{head[0]}</th>
              <th scope="col">{head[1]}</th>
            </tr>
          </thead>
          <tbody>
            {items.slice(0, SHOWN).map((item, at) => (
              <tr key={at}>
                <td className="strong">{item.subject}</td>
                <td>{item.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {items.length > SHOWN && (
        <p className="note">{t("restore:moreGaps", { count: items.length - SHOWN, n: count(items.length - SHOWN) })}</p>
      )}
    </section>
  );
}

/** The report's ways on. */
export interface ReportProps {
  job: JobView;
  reply: RestoreReply;
  undo: boolean;
  canUndo: boolean;
  onUndo: () => void;
  onPreview: (() => void) | undefined;
  onDone: () => void;
}

function sentence(gaps: Gap[], differences: ReadBackDifference[], reply: RestoreReply): string {
  const { checked, equal } = reply.readBack;
  if (checked === 0) {
    return "nothingWritten";
  }
  return equal === checked && gaps.length === 0
    ? "allSame"
    : differences.length > 0 || equal < checked
      ? "someDiffer"
      : "gapsOnly";
}

/** See {@link ReportProps}. */
export function Report({ job, reply, undo, canUndo, onUndo, onPreview, onDone }: ReportProps) {
  const { t } = useTranslation();
  const { checked, equal, differences } = reply.readBack;
  const moved = reply.gaps.filter((gap) => gap.kind === "changed");
  const gaps = reply.gaps.filter((gap) => gap.kind !== "changed");
  const status = verdictStatus(reply.verdict);
  const place = placeOf(reply.plan.target);
  const values = { count: checked, checked: count(checked), equal: count(equal) };
  const buttons: ReactNode = (
    <>
      {canUndo && (
        <Button leftSection={<IconArrowBackUp size="0.9375rem" />} onClick={onUndo}>
          {t("restore:report.undo")}
        </Button>
      )}
      {place !== null && <RevealButton path={place} />}
      <MainButton onClick={onDone}>{t("restore:done")}</MainButton>
    </>
  );
  return (
    <WizardPage
      step={6}
      source={reply.plan.source}
      question={t(undo ? "restore:report.undone" : "restore:report.title")}
      line={t("restore:report.line", { target: reply.target })}
      onClose={onDone}
      scope={t(canUndo ? "restore:report.undoStays" : undo ? "restore:report.undoneLine" : "restore:report.noUndo")}
      buttons={buttons}
    >
      <div className={`card ${css.result}`}>
        {checked > 0 && <Ring reply={reply} status={status} />}
        <div className={css.words}>
          <h3>{t(`restore:report.${sentence(gaps, differences, reply)}`, values)}</h3>
          <VerdictPill status={status} gaps={reply.gaps.length} />
        </div>
        <Facts job={job} reply={reply} undo={undo} />
      </div>
      {moved.length > 0 && (
        <Note
          status="partial"
          title={t("restore:report.moved", { count: moved.length, n: count(moved.length) })}
          actions={onPreview && <Button onClick={onPreview}>{t("restore:report.newPreview")}</Button>}
        >
          {t("restore:report.movedLine")}
        </Note>
      )}
      {!undo && <ReportConflicts plan={reply.plan} />}
      <Named
        title={t("restore:report.differences", { count: checked - equal, n: count(checked - equal) })}
        items={differences}
        head={[t("restore:preview.record"), t("restore:report.different")]}
      />
      <Named
        title={t("restore:report.gaps", { count: gaps.length, n: count(gaps.length) })}
        items={gaps}
        head={[t("restore:report.what"), t("restore:preview.why")]}
      />
      <Named
        title={t("restore:report.movedList")}
        items={moved}
        head={[t("restore:report.what"), t("restore:preview.why")]}
      />
    </WizardPage>
  );
}

/** The new place on this computer a restore wrote to; none for names on a server, and for where things came from. */
function placeOf(target: TargetSpec): string | null {
  const place = target === "inPlace" ? null : "new" in target ? target.new : target.source.place;
  return place != null && /^([/\\~]|[A-Za-z]:[/\\])/.test(place) ? place : null;
}
