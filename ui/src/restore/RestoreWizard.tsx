/** The wizard: five steps before anything is written. Choices live outside of the page and survive the window. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useCall } from "../api";
import { paths } from "../shared/paths";
import { chosenDatabases } from "./databaseTicks";
import { type Draft, dropDraft, keepDraft, openDraft, type StepName, steps, type Wanted } from "./draft";
import { suggestedPlace } from "./places";
import { SavedPlan } from "./SavedPlan";
import { StepConflicts } from "./StepConflicts";
import { StepPreview } from "./StepPreview";
import { StepWhat } from "./StepWhat";
import { StepWhen } from "./StepWhen";
import { StepWhere } from "./StepWhere";
import { bundlePath, useContent } from "./useContent";
import { WizardContext } from "./wizard";

const wantedNames = ["snapshot", "vault", "source", "only", "to", "plan", "target", "into"] as const;

function wantedOf(query: URLSearchParams): Wanted {
  return Object.fromEntries(wantedNames.map((name) => [name, query.get(name) ?? undefined])) as Wanted;
}

function isStep(value: string | null): value is StepName {
  return steps.includes(value as StepName);
}

/** Which source a chosen snapshot is of, when only the snapshot was named. */
function useSourceOf(draft: Draft): string | null {
  const unknown = draft.source === null && draft.at !== null && bundlePath(draft.at) === null;
  const all = useCall("snapshot.list", {}, { enabled: unknown, silent: true });
  const found = all.data?.snapshots.find((row) => draft.at !== null && row.id.startsWith(draft.at.snapshot));
  return draft.source ?? found?.source ?? null;
}

const pages = { when: StepWhen, what: StepWhat, where: StepWhere, conflicts: StepConflicts, preview: StepPreview };

/** The page `/restore`. */
export function RestoreWizard() {
  const [query, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const wanted = wantedOf(query);
  const name = JSON.stringify(wanted);
  const [draft, setDraft] = useState(() => openDraft(wanted));
  const [opened, setOpened] = useState(name);
  if (opened !== name) {
    setOpened(name);
    setDraft(openDraft(wanted));
  }
  useEffect(() => keepDraft(draft), [draft]);
  const asked = query.get("step");
  // The address knows the step, so that Back of the window goes a step back.
  const step = draft.plan === null && draft.at === null ? "when" : isStep(asked) ? asked : draft.step;

  const source = useSourceOf(draft);
  const targets = useCall(
    "restore.targets",
    { at: draft.at ?? { snapshot: "" } },
    { enabled: draft.at !== null && draft.plan === null && draft.path === null },
  );
  const content = useContent(draft.at);
  const named = targets.data?.namedPlaces === true;
  const databases = content.data ? chosenDatabases(draft, content.data.databases) : null;
  // A name is suggested for what is chosen, which the content tells.
  const suggested = !named
    ? (targets.data?.suggested ?? "")
    : databases
      ? suggestedPlace(targets.data?.suggested ?? "", databases)
      : "";
  const path = draft.path ?? (draft.pinned || suggested);
  const change = useCallback((changes: Partial<Draft>) => setDraft((known) => ({ ...known, ...changes })), []);
  useEffect(() => {
    if (step === "preview" && suggested) {
      setDraft((known) => (known.path !== null || known.pinned ? known : { ...known, pinned: suggested }));
    }
  }, [step, suggested]);
  const go = useCallback(
    (to: StepName) => {
      setDraft((known) => ({ ...known, step: to }));
      setQuery((known) => {
        const next = new URLSearchParams(known);
        next.set("step", to);
        return next;
      });
    },
    [setQuery],
  );
  const leave = useCallback(() => {
    dropDraft();
    const bundle = bundlePath(draft.at);
    void navigate(bundle !== null ? paths.bundle(bundle) : source ? paths.source(source) : paths.overview());
  }, [navigate, draft.at, source]);
  const wizard = useMemo(
    () => ({ draft: { ...draft, source }, change, go, leave, path }),
    [draft, source, change, go, leave, path],
  );
  const Step = pages[step];
  return (
    <WizardContext value={wizard}>{draft.plan !== null ? <SavedPlan path={draft.plan} /> : <Step />}</WizardContext>
  );
}
