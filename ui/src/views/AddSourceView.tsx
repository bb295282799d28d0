/** The assistant: what, connect and test, where to, password and recovery kit, first backup. First run and *Add source* share it. */
import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { loadJobs, useCall, useJob, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { freshSpec } from "../plans/defaults";
import { choiceIsComplete, PlanChoice } from "../plans/PlanChoice";
import { nameFor } from "../plans/timetable";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";
import { ConnectStep } from "../sources/add/ConnectStep";
import { type Draft, dropDraft, nameFromPath, rootPath, type Step, useDraft } from "../sources/add/draft";
import { FirstStep } from "../sources/add/FirstStep";
import { FormerHistory } from "../sources/add/FormerHistory";
import { KindStep } from "../sources/add/KindStep";
import { StepHead } from "../sources/add/StepHead";
import { useFinish } from "../sources/add/useFinish";
import { useTry } from "../sources/add/useTry";
import { missingOptions } from "../sources/OptionsForm";
import { KitDialog } from "../vaults/KitDialog";
import { placeIsComplete } from "../vaults/NewVaultFields";
import { noPassword, PasswordStep, passwordIsComplete } from "../vaults/PasswordStep";
import { WhereStep } from "../vaults/WhereStep";
import css from "../vaults/WhereStep.module.css";

/** What the address asks for: a kind, and a path to begin with. */
function asked(search: URLSearchParams): Partial<Draft> | undefined {
  const kind = search.get("kind");
  const path = search.get("path");
  if (!kind) {
    return undefined;
  }
  return path ? { step: "connect", kind, options: { path }, name: nameFromPath(path) } : { step: "connect", kind };
}

/** A first backup that ended while nobody looked is not shown again: the assistant begins anew. */
function useResume(draft: Draft, reset: () => void): void {
  const jobs = useJobs();
  const [kept, setKept] = useState(draft.step === "first");
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    if (kept) {
      void loadJobs()
        .catch(() => undefined)
        .then(() => setLoaded(true));
    }
  }, [kept]);
  useEffect(() => {
    if (kept && loaded) {
      setKept(false);
      if (!jobs.some((job) => job.id === draft.job && job.state !== "done")) {
        reset();
      }
    }
  }, [kept, loaded, jobs, draft.job, reset]);
}

/** The page. */
export default function AddSourceView() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { draft, change, reset } = useDraft(asked(search));
  const connectors = useCall("connector.list", {}, { silent: true });
  const overview = useCall("overview", {}, { silent: true });
  const connector = connectors.data?.connectors.find((one) => one.kind === draft.kind);
  const [chosen, setChosen] = useState(noPassword);
  const [kitFor, setKitFor] = useState<string | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const plans = useCall("plan.list", {}, { silent: true });
  const [spec] = useState(freshSpec);
  const plan = draft.plan ?? { spec };
  /** A name is only proposed: it can be changed on the plan's page. */
  const named = (pick: typeof plan) => {
    const taken = plans.data?.plans.map((one) => one.name) ?? [];
    return pick.spec ? { ...pick, name: nameFor(pick.spec.timetable.schedule, taken, t) } : pick;
  };
  const finish = useFinish({ draft: { ...draft, plan: named(plan) }, connector, change });
  const trial = useTry(draft.step === "connect" ? connector : undefined, draft.options);
  const job = useJob(draft.job);
  const known = overview.data?.vaults ?? [];
  const protects = rootPath(connector, draft.options);
  const fresh = draft.madeVault ? undefined : draft.newVault;
  const steps: Step[] = fresh
    ? ["what", "connect", "where", "password", "first"]
    : ["what", "connect", "where", "first"];
  const taken =
    !draft.madeSource && (overview.data?.sources.some((one) => one.source.name === draft.name.trim()) ?? false);
  const lacking = connector !== undefined && missingOptions(connector, draft.options).length > 0;
  const put = (next: Partial<Draft>) => change(next, connector);
  const adopt = useCallback((next: boolean) => change({ adopt: next }, connector), [change, connector]);
  const kit = known.find((one) => one.vault.name === draft.madeVault)?.kit;
  const kitMissing = draft.madeVault !== undefined && !confirmed && !kit?.confirmed;

  /** What the step's main button does; `undefined` while it cannot. */
  const toWhere = () =>
    put({
      step: "where",
      plan: named(plan),
      ...(draft.vaults.length === 0 && !draft.newVault
        ? known.length > 0
          ? { vaults: known.filter((one) => one.vault.isDefault && one.reachable).map((one) => one.vault.name) }
          : { newVault: { name: "", path: "" } }
        : {}),
    });
  const makeAll = async () => {
    const made = await finish.makeVault(chosen);
    if (made) {
      setKitFor(made);
    }
  };
  const mains: Record<Step, (() => void) | undefined> = {
    what: undefined,
    connect: connector && !lacking && draft.name.trim() && !taken && (trial.reply || draft.force) ? toWhere : undefined,
    where: !choiceIsComplete(plan)
      ? undefined
      : fresh &&
          placeIsComplete(
            fresh,
            known.map((one) => one.vault.name),
          )
        ? () => put({ step: "password" })
        : !fresh && draft.vaults.length > 0
          ? () => void finish.makeSource(draft.vaults, chosen.password)
          : undefined,
    password: passwordIsComplete(chosen) ? () => void makeAll() : undefined,
    first: undefined,
  };
  const main = finish.busy ? undefined : mains[draft.step];
  useShortcut("Ctrl Enter", t("sources:add.next"), main);
  useResume(draft, reset);
  // Secrets are not kept: after a closed window they are typed again.
  const astray = lacking && !draft.madeSource && (draft.step === "where" || draft.step === "password");
  useEffect(() => {
    if (astray) {
      change({ step: "connect" });
    }
  }, [astray, change]);
  const back = steps[steps.indexOf(draft.step) - 1];
  const close = () => {
    if (draft.step === "first") {
      dropDraft();
    }
    navigate(draft.madeSource ? paths.source(draft.madeSource) : paths.overview());
  };
  const name = draft.madeSource ?? draft.name;
  const at = draft.step === "first" && job?.state === "done" ? "ended" : draft.step;
  const starts = draft.step === "password" || (draft.step === "where" && !fresh);
  return (
    <Page
      footer={
        draft.step !== "first" && (
          <>
            <span className={css.say}>
              {draft.step === "what" ? (
                <>
                  {t("sources:add.looking")} <Link to={`${paths.welcome()}?sample`}>{t("sources:add.sample")}</Link>
                </>
              ) : (
                t(draft.madeVault ? "sources:add.vaultMade" : "sources:add.notSaved")
              )}
            </span>
            {draft.step !== "what" && (
              <Button variant="subtle" onClick={reset}>
                {t("sources:add.startOver")}
              </Button>
            )}
            {draft.step === "what" || !back ? (
              <Button onClick={close}>{t("common:action.cancel")}</Button>
            ) : (
              <Button onClick={() => put({ step: back })}>{t("common:action.back")}</Button>
            )}
            {draft.step !== "what" && (
              <Button
                variant="filled"
                disabled={!main}
                loading={finish.busy}
                leftSection={starts ? <IconPlayerPlay size="0.9375rem" /> : undefined}
                onClick={main}
              >
                {t(starts ? "sources:add.start" : "sources:add.next")}
              </Button>
            )}
          </>
        )
      }
    >
      <StepHead
        steps={steps}
        step={draft.step}
        onStep={(step) => put({ step })}
        onClose={close}
        running={draft.step === "first" && job?.state !== "done"}
        title={t(`sources:add.${at}.title`, { name, kind: connector?.title ?? "" })}
        line={t(`sources:add.${at}.line`, { name })}
      />
      {draft.step === "what" && (
        <KindStep
          chosen={draft.kind}
          onChoose={(kind) =>
            change(
              { kind, step: "connect", ...(kind === draft.kind ? {} : { options: {}, force: false }) },
              connectors.data?.connectors.find((one) => one.kind === kind),
            )
          }
        />
      )}
      {draft.step === "connect" && (
        <ListStates query={connectors}>
          {() =>
            connector && (
              <ConnectStep
                connector={connector}
                draft={draft}
                change={put}
                trial={trial}
                taken={taken}
                onForce={() => put({ force: true })}
              />
            )
          }
        </ListStates>
      )}
      {draft.step === "where" && (
        <WhereStep
          known={known}
          value={{ vaults: draft.vaults, newVault: fresh }}
          onChange={({ vaults, newVault }) => put({ vaults, newVault })}
          protects={protects}
        />
      )}
      {draft.step === "where" && !taken && known.length > 0 && (
        <div className={css.where}>
          <FormerHistory name={draft.name.trim()} value={draft.adopt} onChange={adopt} />
        </div>
      )}
      {draft.step === "where" && (
        <PlanChoice value={plan} fresh={spec} onChange={(next) => put({ plan: named(next) })} />
      )}
      {draft.step === "password" && (
        <div className={css.where}>
          <PasswordStep value={chosen} onChange={setChosen} />
        </div>
      )}
      {draft.step === "first" && (
        <FirstStep
          source={name}
          job={job}
          error={finish.error}
          kitMissing={kitMissing}
          onKit={() => setKitFor(draft.madeVault ?? null)}
          onAgain={() => void finish.again()}
          onLook={close}
        />
      )}
      {draft.step !== "first" && finish.error && <ErrorNote error={finish.error} />}
      <KitDialog
        vault={kitFor ?? ""}
        opened={kitFor !== null}
        password={chosen.password || undefined}
        onClose={(done) => {
          setKitFor(null);
          setConfirmed(confirmed || done);
          if (!draft.madeSource) {
            void finish.makeSource(draft.vaults, chosen.password);
          }
        }}
      />
    </Page>
  );
}
