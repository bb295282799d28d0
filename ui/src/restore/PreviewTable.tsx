/** The steps of a plan as a table with boxes. Any number of steps: they are read by page from the plan's file. */
import { Checkbox } from "@mantine/core";
import { type KeyboardEvent, useEffect, useState } from "react";
import { call, type PlanStep, type SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { BigTable } from "../shared/BigTable";
import { withoutRevisions } from "../shared/diff/revision";
import type { Kind } from "./KindFilter";
import css from "./PreviewTable.module.css";
import { StepKind } from "./StepKind";
import { fieldName, placeOf, wordOfSubject, writes } from "./stepWords";
import { useTitle } from "./useTitle";

const ROW = 46;

/** Which steps are shown. */
export interface Shown {
  path: string;
  kind: Kind;
  search: string;
}

/** How items are ticked; absent for a plan that is shown as it is. */
export interface PreviewTicks {
  isLeft: (word: string) => boolean;
  setLeft: (words: string[], left: boolean) => void;
  /** Ticks or unticks all that is shown; `null` when there is too much of it. */
  setAll: ((left: boolean) => void) | null;
  /** How the box of all looks. */
  all: "on" | "off" | "mixed";
}

/** The table. */
export interface PreviewTableProps {
  at: SnapshotRef | null;
  shown: Shown;
  total: number;
  ticks: PreviewTicks | undefined;
  open: PlanStep | null;
  onOpen: (step: PlanStep) => void;
  toRow: number | undefined;
  onRow: (row: number) => void;
}

function useFact(step: PlanStep): string {
  const { t } = useTranslation();
  const fields = withoutRevisions(step.fields ?? []);
  const [note] = step.notes ?? [];
  if (step.reason && (step.action !== "update" || fields.length === 0)) {
    return step.reason;
  }
  if (note && (step.action !== "update" || fields.length === 0)) {
    return note;
  }
  if (step.action === "update") {
    return fields.length <= 3
      ? fields.map(({ field }) => fieldName(field)).join(", ")
      : t("restore:preview.fields", { count: fields.length, n: count(fields.length) });
  }
  return step.leftOut && step.leftOut.length > 0
    ? t("restore:preview.calculated", { count: step.leftOut.length, n: count(step.leftOut.length) })
    : "";
}

function Name({ at, step }: { at: SnapshotRef | null; step: PlanStep }) {
  const title = useTitle(at, step);
  const fact = useFact(step);
  const place = placeOf(step);
  return (
    <div className={css.name}>
      <div className="strong clip" title={title}>
        {title}
      </div>
      <div className={`${css.fact} clip`}>{[place, fact].filter(Boolean).join(" · ")}</div>
    </div>
  );
}

/** See {@link PreviewTableProps}. */
export function PreviewTable({ at, shown, total, ticks, open, onOpen, toRow, onRow }: PreviewTableProps) {
  const { t } = useTranslation();
  const [active, setActive] = useState<PlanStep | undefined>(undefined);
  const { path, kind, search } = shown;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows, none of them active
  useEffect(() => setActive(undefined), [path, kind, search]);
  const rows = async (offset: number, limit: number) => {
    const action = kind === "all" ? null : kind;
    const reply = await call("restore.steps", { path, offset, limit, action, search: search || null });
    return reply.steps;
  };
  const onKeyDownCapture = (event: KeyboardEvent) => {
    const step = active ?? open;
    if (event.key === " " && ticks && step && writes(step.action) && (event.target as HTMLElement).role === "grid") {
      event.preventDefault();
      event.stopPropagation();
      const word = wordOfSubject(step.subject);
      ticks.setLeft([word], !ticks.isLeft(word));
    }
  };
  const tickColumn = ticks && {
    id: "tick",
    header: t("restore:preview.tick"),
    width: 44,
    head: (
      <Checkbox
        aria-label={t("restore:preview.tickAll")}
        checked={ticks.all === "on"}
        indeterminate={ticks.all === "mixed"}
        disabled={ticks.setAll === null}
        onChange={() => ticks.setAll?.(ticks.all === "on")}
      />
    ),
    cell: (step: PlanStep) => {
      const word = wordOfSubject(step.subject);
      const can = writes(step.action);
      return (
        <Checkbox
          tabIndex={-1}
          aria-label={t("restore:preview.tickOne", { name: word })}
          disabled={!can}
          checked={can && !ticks.isLeft(word)}
          onChange={(event) => ticks.setLeft([word], !event.currentTarget.checked)}
        />
      );
    },
  };
  return (
    <div className={css.table} onKeyDownCapture={onKeyDownCapture}>
      <BigTable<PlanStep>
        label={t("restore:preview.table")}
        total={total}
        source={`${path}\n${kind}\n${search}`}
        rows={rows}
        rowId={(step) => wordOfSubject(step.subject)}
        rowHeight={ROW}
        currentId={open ? wordOfSubject(open.subject) : undefined}
        onOpen={(step, row) => {
          setActive(step);
          onRow(row);
          onOpen(step);
        }}
        onActive={(step, row) => {
          setActive(step);
          onRow(row);
          if (step) {
            onOpen(step);
          }
        }}
        toRow={toRow}
        columns={[
          ...(tickColumn ? [tickColumn] : []),
          {
            id: "step",
            header: t("restore:preview.step"),
            width: 122,
            cell: (step) => <StepKind action={step.action} />,
          },
          {
            id: "name",
            header: t("restore:preview.record"),
            width: 160,
            grow: true,
            cell: (step) => <Name at={at} step={step} />,
          },
          ...(kind === "impossible"
            ? [
                {
                  id: "why",
                  header: t("restore:preview.why"),
                  width: 420,
                  cell: (step: PlanStep) => <span className={css.why}>{step.reason}</span>,
                },
              ]
            : []),
        ]}
      />
    </div>
  );
}
