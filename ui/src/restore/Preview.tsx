/** The body of a preview: filter, table, detail. It shows a plan's file, whoever made it. */
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { call, type PlanCounts, type PlanStep, type SnapshotRef, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty } from "../shared/ListStates";
import { useShortcut } from "../shared/shortcuts";
import { type Kind, KindFilter } from "./KindFilter";
import css from "./Preview.module.css";
import { PreviewTable, type PreviewTicks } from "./PreviewTable";
import { type StepChoices, StepDetail } from "./StepDetail";
import { wordOfSubject, writes } from "./stepWords";

/** More rows than this are not ticked one by one. */
const MOST_TICKS = 5000;
const PAGE = 1000;

/** How the preview is changed; absent for a plan that is shown as it is. */
export interface PreviewChoices {
  isLeft: (word: string) => boolean;
  setLeft: (words: string[], left: boolean) => void;
  setAllLeft: (left: boolean) => void;
  all: "on" | "off" | "mixed";
  choicesOf: (step: PlanStep) => StepChoices;
}

/** A plan and what can be done with it. */
export interface PreviewProps {
  path: string;
  counts: PlanCounts;
  at: SnapshotRef | null;
  fresh: boolean;
  choices: PreviewChoices | undefined;
  /** The plan's file is gone: make another. */
  onLost: () => void;
}

async function wordsOf(path: string, kind: Kind, search: string, total: number): Promise<string[]> {
  const words: string[] = [];
  for (let offset = 0; offset < total; offset += PAGE) {
    const action = kind === "all" ? null : kind;
    const { steps } = await call("restore.steps", { path, offset, limit: PAGE, action, search: search || null });
    words.push(...steps.filter((step) => writes(step.action)).map((step) => wordOfSubject(step.subject)));
  }
  return words;
}

/** The step that was open, as a new plan has it. */
function useOpenStep(path: string): [PlanStep | null, (step: PlanStep | null) => void] {
  const [open, setOpen] = useState<PlanStep | null>(null);
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const before = latest.current;
    if (!before) {
      return;
    }
    let late = false;
    void call("restore.steps", { path, offset: before.index, limit: 1 }).then(
      ({ steps: [step] }) => {
        if (!late && step && wordOfSubject(step.subject) === wordOfSubject(before.subject)) {
          setOpen(step);
        }
      },
      () => undefined,
    );
    return () => {
      late = true;
    };
  }, [path]);
  return [open, setOpen];
}

/** See {@link PreviewProps}. */
export function Preview({ path, counts, at, fresh, choices, onLost }: PreviewProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>("all");
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 250);
  const [open, setOpen] = useOpenStep(path);
  const [full, setFull] = useState(false);
  const [row, setRow] = useState(0);
  const [toRow, setToRow] = useState<number | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const shownKind = kind !== "all" && counts[kind] === 0 ? "all" : kind;
  const action = shownKind === "all" ? null : shownKind;
  const first = useCall("restore.steps", { path, offset: 0, limit: 1, action, search: search || null }, { keep: true });
  const total = first.data?.total ?? 0;
  const place = useRef(row);
  place.current = row;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plan shows the row that was shown
  useEffect(() => {
    setToRow(undefined);
    const timer = setTimeout(() => setToRow(place.current), 0);
    return () => clearTimeout(timer);
  }, [path]);
  useEffect(() => {
    const step = first.data?.steps[0];
    if (!open && step) {
      setOpen(step);
    }
  }, [first.data, open, setOpen]);
  const lost = first.error !== null && ["notFound", "usage", "io", "damaged"].includes(first.error.code);
  const onLostNow = useRef(onLost);
  onLostNow.current = onLost;
  useEffect(() => {
    if (lost) {
      onLostNow.current();
    }
  }, [lost]);
  useShortcut("/", t("restore:preview.find"), () => field.current?.focus());
  const move = (by: number) => setToRow(Math.max(0, Math.min(total - 1, place.current + by)));
  useShortcut("J", t("restore:preview.next"), () => move(1), { group: "letters" });
  useShortcut("K", t("restore:preview.previous"), () => move(-1), { group: "letters" });

  const narrow = action !== null || search !== "";
  const setAll = (left: boolean) => {
    if (!narrow) {
      choices?.setAllLeft(left);
    } else {
      void wordsOf(path, shownKind, search, total).then(
        (words) => choices?.setLeft(words, left),
        () => undefined,
      );
    }
  };
  const ticks: PreviewTicks | undefined = choices && {
    isLeft: choices.isLeft,
    setLeft: choices.setLeft,
    all: choices.all,
    setAll: narrow && total > MOST_TICKS ? null : setAll,
  };
  if (first.error && !first.data) {
    return <ErrorNote error={first.error} onRetry={() => void first.refetch()} />;
  }
  return (
    <>
      <div className={css.bar}>
        <KindFilter counts={counts} kind={shownKind} onKind={setKind} />
        <TextInput
          ref={field}
          className={css.find ?? ""}
          aria-label={t("restore:preview.find")}
          placeholder={t("restore:preview.find")}
          leftSection={<IconSearch size="1rem" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <div
        className={`card ${css.panes}`}
        data-full={full || undefined}
        data-one={shownKind === "impossible" || undefined}
      >
        {shownKind === "same" ? (
          <Empty title={t("restore:preview.same", { count: counts.same, n: count(counts.same) })} />
        ) : first.data && total === 0 ? (
          <Empty title={search ? t("restore:preview.nothingFound", { text: search }) : t("restore:preview.noSteps")} />
        ) : (
          <>
            <PreviewTable
              at={at}
              shown={{ path, kind: shownKind, search }}
              total={total}
              ticks={shownKind === "impossible" ? undefined : ticks}
              open={open}
              onOpen={(step) => {
                setOpen(step);
                setFull(true);
              }}
              toRow={toRow}
              onRow={setRow}
            />
            {open && shownKind !== "impossible" && (
              <div className={css.detail}>
                <StepDetail
                  key={wordOfSubject(open.subject)}
                  at={at}
                  step={open}
                  fresh={fresh}
                  choices={choices?.choicesOf(open)}
                  onBack={() => setFull(false)}
                />
              </div>
            )}
          </>
        )}
      </div>
    </>
  );
}
