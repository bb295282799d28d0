/** A new plan on one page: what, where to, when, how long, and that it is checked. */
import { Button, Select, Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { asError, type BackstayError, call, type PlansReply, useCall, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";
import { freshSpec } from "./defaults";
import { draftProblem, type PlanDraft, same } from "./draft";
import { keepWords, ofPreset, type Preset, presetOf, presets } from "./keep";
import { Members } from "./Members";
import { NextRuns } from "./NextRuns";
import { useLeave } from "./PlanPage";
import { PromiseField } from "./PromiseField";
import css from "./plan.module.css";
import { TimetableFields } from "./TimetableFields";
import { manual, nameFor } from "./timetable";
import { usePreview } from "./usePreview";

/** A plan for the sources nobody backs up by the clock. */
function useFresh(known: PlansReply | undefined): PlanDraft {
  return useMemo(() => ({ sources: known?.unplanned ?? [], vaults: [], spec: freshSpec() }), [known]);
}

/** The page. */
export function NewPlan({ known }: { known: PlansReply | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const taken = known?.plans.map((plan) => plan.name) ?? [];
  const fresh = useFresh(known);
  const overview = useCall("overview", {}, { silent: true });
  const [edited, setEdited] = useState<PlanDraft | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const draft = edited ?? fresh;
  const { spec } = draft;
  const preview = usePreview(spec.timetable);
  const leave = useLeave(!busy && ((edited !== null && !same(edited, fresh)) || typed !== null));
  const name = typed ?? nameFor(spec.timetable.schedule, taken, t);
  const used = taken.includes(name.trim());
  const problem = name.trim() === "" ? "noName" : used ? "nameTaken" : (draftProblem(draft) ?? undefined);
  const change = (part: Partial<PlanDraft>) => setEdited({ ...draft, ...part });
  const changeSpec = (part: Partial<typeof spec>) => change({ spec: { ...spec, ...part } });
  const checked = spec.upkeep.structure.schedule !== "manual";
  const make = async () => {
    setTried(true);
    if (problem) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const row = await call("plan.set", { name: name.trim(), ...draft });
      await refresh(["plans", "sources"]);
      await navigate(paths.plan(row.name), { replace: true });
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  useShortcut("Ctrl Enter", t("plans:add.make"), () => void make());
  const nothing = overview.data && overview.data.sources.length === 0;
  return (
    <Page
      footer={
        <>
          <span className={css.say}>
            {tried && problem ? t(`plans:problem.${problem}`) : t("plans:add.nothingYet")}
          </span>
          <Button component={Link} to={paths.plans()}>
            {t("common:action.cancel")}
          </Button>
          <Button variant="filled" loading={busy} disabled={tried && problem !== undefined} onClick={() => void make()}>
            {t("plans:add.make")}
          </Button>
        </>
      }
    >
      <PageHeader title={t("plans:add.title")} line={t("plans:add.line")} />
      {error && <ErrorNote error={error} title={t("plans:add.failed")} safe={t("plans:add.untouched")} />}
      <div className={css.columns}>
        <div className={css.column}>
          <TextInput
            className={css.name ?? ""}
            label={t("plans:rename.label")}
            description={typed === null ? t("plans:add.nameLine") : undefined}
            autoComplete="off"
            value={name}
            error={used ? t("plans:rename.taken", { name: name.trim() }) : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {nothing ? (
            <p className="quiet">
              {t("plans:add.noSources")} <Link to={paths.addSource()}>{t("common:action.addSource")}</Link>
            </p>
          ) : (
            <Members sources={draft.sources} vaults={draft.vaults} onChange={change} showMissing={tried} />
          )}
          <section aria-label={t("plans:add.when")} className={css.part}>
            <h2>{t("plans:add.when")}</h2>
            <TimetableFields
              value={spec.timetable}
              cron={preview.reply?.cron}
              error={preview.error?.message}
              onChange={(timetable) => changeSpec({ timetable })}
            />
            <PromiseField
              minutes={spec.promiseMinutes}
              usual={preview.reply?.promiseMinutes}
              onChange={(promiseMinutes) => changeSpec({ promiseMinutes })}
            />
          </section>
          <section aria-label={t("plans:keep.title")} className={css.part}>
            <h2>{t("plans:keep.title")}</h2>
            <Select
              className={css.name ?? ""}
              aria-label={t("plans:keep.title")}
              allowDeselect={false}
              value={presetOf(spec.keep)}
              data={presets
                .filter((preset) => preset !== "own")
                .map((value) => ({ value, label: t(`plans:keep.preset.${value}`) }))}
              onChange={(preset) => preset && changeSpec({ keep: ofPreset(preset as Preset, spec.keep) })}
            />
            <p className="note">
              {presetOf(spec.keep) === "everything"
                ? t("plans:keep.everything")
                : t("plans:keep.sentence", { what: keepWords(spec.keep, t) })}
            </p>
          </section>
          <section aria-label={t("plans:tab.checks")} className={css.part}>
            <h2>{t("plans:tab.checks")}</h2>
            <Switch
              label={t("plans:add.checks")}
              description={t("plans:add.checksLine")}
              checked={checked}
              onChange={(event) => {
                const usual = freshSpec().upkeep;
                changeSpec({
                  upkeep: event.currentTarget.checked
                    ? { ...spec.upkeep, structure: usual.structure, sample: usual.sample, drillOne: usual.drillOne }
                    : { ...spec.upkeep, structure: manual, sample: manual, drillOne: manual },
                });
              }}
            />
          </section>
        </div>
        <div className={css.aside}>
          <NextRuns timetable={spec.timetable} preview={preview} />
        </div>
      </div>
      {leave.dialog}
    </Page>
  );
}
