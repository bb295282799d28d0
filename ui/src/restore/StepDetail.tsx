/** One step in full: live now against after the restore, field by field; ticks for single fields; the decision of a conflict. */
import { Button, Checkbox, SegmentedControl } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { type ConflictPolicy, type PlanStep, type SnapshotRef, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { withoutRevisions } from "../shared/diff/revision";
import { FieldDiff, valueText } from "../shared/FieldDiff";
import { ListStates } from "../shared/ListStates";
import { sentence } from "../shared/sentence";
import css from "./StepDetail.module.css";
import { StepKind } from "./StepKind";
import { fieldName, placeOf, wordOfSubject, writes } from "./stepWords";
import { useTitle } from "./useTitle";

/** What can be decided about a step; absent for a plan that is shown as it is. */
export interface StepChoices {
  left: boolean;
  setLeft: (left: boolean) => void;
  /** Fields that are brought back; `null`: all. */
  picked: string[] | null;
  setPicked: (fields: string[] | null) => void;
  decision: ConflictPolicy | undefined;
  setDecision: (policy: ConflictPolicy) => void;
}

interface DetailProps {
  at: SnapshotRef | null;
  step: PlanStep;
  /** After the restore there is nothing else in a new place. */
  fresh: boolean;
  choices: StepChoices | undefined;
  /** Back to the list, where both do not fit. */
  onBack: () => void;
}

const FIELDS = 200;

/** A document carries its own id and revision beside what people wrote. */
function isDocument(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && "_id" in data && "_rev" in data;
}

function rivalsOf({ _conflicts: rivals }: Record<string, unknown>): number {
  return Array.isArray(rivals) ? rivals.length : 0;
}

function Created({ at, step }: { at: SnapshotRef; step: PlanStep }) {
  const { t } = useTranslation();
  const record = "record" in step.subject ? step.subject.record : null;
  const query = useCall(
    "record.get",
    { at, collection: record?.collection ?? "", id: record?.id ?? "" },
    { enabled: record !== null, silent: true },
  );
  if (!record || record.id === "*") {
    return step.bytes > 0 ? <p className={css.text}>{t("restore:preview.size", { size: bytes(step.bytes) })}</p> : null;
  }
  return (
    <ListStates query={query} what={t("restore:preview.readingRecord")}>
      {({ record: { data, assets } }) => {
        const all = typeof data === "object" && data !== null ? Object.entries(data) : [["", data] as const];
        const document = isDocument(data);
        const members = document ? all.filter(([name]) => !name.startsWith("_")) : all;
        const others = document ? rivalsOf(data) : 0;
        return (
          <table className={css.fields}>
            <thead>
              <tr>
                <th scope="col">{t("restore:preview.field")}</th>
                <th scope="col">{t("restore:preview.after")}</th>
              </tr>
            </thead>
            <tbody>
              {members.slice(0, FIELDS).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className={css.value}>
                    {step.leftOut?.includes(name) ? <Calculated /> : valueText(value).slice(0, 2000)}
                  </td>
                </tr>
              ))}
              {assets && assets.length > 0 && (
                <tr>
                  <th scope="row">{t("restore:preview.files")}</th>
                  <td className={css.value}>
                    {assets.map(({ name, size, sha256 }, at) => (
                      <div key={`${name}-${at}`}>
                        {name}{" "}
                        <span className="quiet">
                          {sha256 ? (size == null ? "" : bytes(size)) : t("restore:preview.fileMissing")}
                        </span>
                      </div>
                    ))}
                  </td>
                </tr>
              )}
              {others > 0 && (
                <tr>
                  <th scope="row">{t("restore:preview.versions")}</th>
                  <td className={css.value}>{t("restore:preview.versionsToo", { count: others, n: count(others) })}</td>
                </tr>
              )}
            </tbody>
          </table>
        );
      }}
    </ListStates>
  );
}

function Calculated() {
  const { t } = useTranslation();
  return (
    <span className={css.calculated}>
      <IconBan size="0.875rem" aria-hidden /> {t("restore:preview.isCalculated")}
    </span>
  );
}

function Changes({ step, choices, backup }: { step: PlanStep; choices: StepChoices | undefined; backup: boolean }) {
  const { t } = useTranslation();
  const fields = withoutRevisions(step.fields ?? []);
  const pickable = choices && step.action === "update" && "record" in step.subject && !choices.left;
  const picked = choices?.picked ?? fields.map(({ field }) => field);
  const toggle = (field: string) => {
    const next = picked.includes(field) ? picked.filter((one) => one !== field) : [...picked, field];
    if (next.length === 0) {
      choices?.setLeft(true);
    }
    choices?.setPicked(next.length === 0 || next.length === fields.length ? null : next);
  };
  return (
    <div className={css.changes} role="table" aria-label={t("restore:preview.changes")}>
      <div className={css.head} role="row">
        <span role="columnheader">{t("restore:preview.field")}</span>
        <div className={css.heads}>
          <span role="columnheader">{t("restore:preview.live")}</span>
          <span role="columnheader">{t(backup ? "restore:preview.backup" : "restore:preview.after")}</span>
        </div>
      </div>
      {fields.slice(0, FIELDS).map(({ field, before, after }) => {
        const on = picked.includes(field);
        return (
          <div key={field} className={css.change} role="row" data-off={!on || undefined}>
            <span role="rowheader">
              {pickable ? (
                <Checkbox label={fieldName(field)} checked={on} onChange={() => toggle(field)} />
              ) : (
                <span className="strong">{fieldName(field)}</span>
              )}
            </span>
            <div role="cell" className={css.cell}>
              {on ? (
                <FieldDiff before={before} after={after} mode="side" />
              ) : (
                <span className="quiet">{t("restore:preview.staysLive")}</span>
              )}
            </div>
          </div>
        );
      })}
      {(step.leftOut ?? []).map((name) => (
        <div key={name} className={css.change} role="row" data-off>
          <span role="rowheader">{name}</span>
          <div role="cell" className={css.cell}>
            <Calculated />
          </div>
        </div>
      ))}
    </div>
  );
}

const taken = { skip: "skip", update: "remote", keepBoth: "both" } as const;

function Decision({ choices, action }: { choices: StepChoices; action: PlanStep["action"] }) {
  const { t } = useTranslation();
  const options = (["skip", "remote", "both"] as const).map((value) => ({
    value,
    label: t(`restore:decide.${value}`),
  }));
  const decided = choices.decision ?? (action in taken ? taken[action as keyof typeof taken] : undefined);
  const value = options.find((option) => option.value === decided)?.value;
  return (
    <div className={css.decision}>
      <h4>{t("restore:decide.title")}</h4>
      <SegmentedControl
        aria-label={t("restore:decide.title")}
        data={value ? options : [{ value: "", label: t("restore:decide.notYet") }, ...options]}
        value={value ?? ""}
        onChange={(policy) => policy && choices.setDecision(policy as ConflictPolicy)}
      />
    </div>
  );
}

/** What a person should know about how it comes back. */
function Notes({ notes }: { notes: string[] }) {
  const { t } = useTranslation();
  return notes.length === 0 ? null : (
    <div className={css.notes}>
      <h4>{t("restore:preview.notes")}</h4>
      <ul>
        {notes.map((note) => (
          <li key={note}>{sentence(note)}</li>
        ))}
      </ul>
    </div>
  );
}

/** See {@link DetailProps}. */
export function StepDetail({ at, step, fresh, choices, onBack }: DetailProps) {
  const { t } = useTranslation();
  const title = useTitle(at, step);
  const fields = withoutRevisions(step.fields ?? []);
  // Both sides changed, whatever was decided about that for all: it can be decided for this one alone.
  const conflict =
    choices?.decision !== undefined || (step.live != null && (step.reason != null || step.action === "conflict"));
  const facts = [
    placeOf(step),
    fields.length > 0 ? t("restore:preview.fields", { count: fields.length, n: count(fields.length) }) : "",
    "record" in step.subject && step.subject.record.id !== "*" ? step.subject.record.id : "",
  ].filter(Boolean);
  const leave = choices && writes(step.action);
  return (
    <section className={css.detail} aria-label={t("restore:preview.detail", { name: title })}>
      <header className={css.header}>
        <div className={css.title}>
          <h3>{title}</h3>
          <div className="note">{facts.join(" · ")}</div>
        </div>
        <StepKind action={choices?.left && writes(step.action) ? "skip" : step.action} />
      </header>
      {/* Scrolls by itself: the keyboard must reach it. */}
      <div className={css.body} tabIndex={0}>
        {step.reason && <p className={css.text}>{t("restore:preview.because", { reason: step.reason })}</p>}
        <Notes notes={step.notes ?? []} />
        {conflict && choices && step.action !== "impossible" && <Decision choices={choices} action={step.action} />}
        {fields.length > 0 || (step.leftOut?.length && step.live) ? (
          <Changes step={step} choices={choices} backup={step.action === "conflict" || step.action === "skip"} />
        ) : (
          at && (step.action === "create" || step.action === "keepBoth") && <Created at={at} step={step} />
        )}
        {fresh && step.action === "create" && <p className={css.text}>{t("restore:preview.freshPlace")}</p>}
      </div>
      <footer className={css.footer}>
        <Button className={css.back ?? ""} onClick={onBack}>
          {t("restore:preview.backToList")}
        </Button>
        <span className="note">{wordOfSubject(step.subject)}</span>
        {leave && (
          <Button variant="subtle" onClick={() => choices.setLeft(!choices.left)}>
            {t(choices.left ? "restore:preview.takeIn" : "restore:preview.leaveOut")}
          </Button>
        )}
      </footer>
    </section>
  );
}
