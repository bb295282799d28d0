/** Overview: is everything safe, and what needs me? */
import { Button } from "@mantine/core";
import { Link, Navigate } from "react-router";
import { useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { ComingUp } from "../overview/ComingUp";
import foot from "../overview/ComingUp.module.css";
import { Facts } from "../overview/Facts";
import { Headline } from "../overview/Headline";
import { NeedsYou } from "../overview/NeedsYou";
import { SampleNote } from "../overview/SampleNote";
import { Stays } from "../overview/Stays";
import { overall } from "../overview/state";
import { VaultsBlock } from "../overview/VaultsBlock";
import { NotWatching, Unplanned } from "../overview/Watch";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useBackup } from "../shared/useBackup";

/** Whether the address is still this page's. */
function atHome(): boolean {
  return ["", "#", "#/"].includes(window.location.hash);
}

/** The page. */
export default function OverviewView() {
  const { t } = useTranslation();
  const jobs = useJobs();
  const backup = useBackup();
  const query = useCall("overview", {}, { silent: true });
  const { data } = query;
  const plans = useCall("plan.list", {}, { silent: true }).data;
  const alerts = useCall("alert.list", {}, { silent: true, topics: ["channels", "runs", "holds"] }).data?.alerts;
  // While another page is fetched this one is still drawn: a file that was just opened must not end at the first run.
  if (data && data.sources.length === 0 && data.vaults.length === 0 && atHome()) {
    return <Navigate to={paths.welcome()} replace />;
  }
  if (!data || data.sources.length === 0) {
    return (
      <Page>
        <PageHeader large title={t("overview:title")} />
        <ListStates
          query={query}
          what={t("overview:loading")}
          isEmpty={() => true}
          empty={
            <Empty
              title={t("overview:empty.title")}
              action={
                <Button component={Link} to={paths.addSource()} variant="filled">
                  {t("common:action.addSource")}
                </Button>
              }
            >
              {t("overview:empty.line")} <Link to={paths.snapshots()}>{t("overview:empty.look")}</Link>
            </Empty>
          }
        >
          {() => null}
        </ListStates>
        {data && data.vaults.length > 0 && <VaultsBlock vaults={data.vaults} />}
      </Page>
    );
  }
  const state = overall(data, jobs, alerts);
  const byName = [...state.rated].sort((one, other) => one.source.source.name.localeCompare(other.source.source.name));
  return (
    <Page>
      <Headline state={state} onBackup={backup.start} />
      {backup.error && <ErrorNote error={backup.error} onRetry={backup.again} />}
      <ListStates query={query}>
        {() => (
          <>
            {plans && <NotWatching plans={plans.plans} />}
            {state.situation === "trouble" ? (
              <NeedsYou state={state} onBackup={backup.start} />
            ) : (
              <Facts state={state} vaults={data.vaults} />
            )}
            {data.sources.some((source) => source.sample) && <SampleNote />}
            <Stays rated={state.rated} byName={byName} />
            {plans && <Unplanned plans={plans} />}
            <div className={foot.foot}>
              {data.vaults.length > 0 && <VaultsBlock vaults={data.vaults} />}
              {plans && plans.plans.length > 0 && <ComingUp plans={plans.plans} />}
            </div>
          </>
        )}
      </ListStates>
    </Page>
  );
}
