/** One source: its backups in time, what a guard holds, what is covered, how restores went, and its settings. */
import { ActionIcon, Button, Menu, Tabs } from "@mantine/core";
import { IconArrowBackUp, IconDots, IconPlayerPlay } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { type HoldRow, type SourceHealth, useCall, useJobs } from "../api";
import { ExportDialog } from "../bundles/ExportDialog";
import { ConflictsTab } from "../conflicts/ConflictsTab";
import { useTranslation } from "../i18n";
import { exact, moment } from "../i18n/format";
import { ReplicationTab } from "../replication/ReplicationTab";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { SampleChip } from "../shared/SampleChip";
import { SourceIcon } from "../shared/SourceIcon";
import { useShortcut } from "../shared/shortcuts";
import { shortPath } from "../shared/shortPath";
import { sourceStatus, worksOn } from "../shared/sourceStatus";
import { byCause } from "../shared/trip";
import { useBackup } from "../shared/useBackup";
import { useKindTitle } from "../shared/useKindTitle";
import { useNow } from "../shared/useNow";
import { VerdictPill } from "../shared/VerdictPill";
import { gapCount } from "../shared/worstRun";
import { CoverageTab } from "../sources/page/CoverageTab";
import { DrillsTab } from "../sources/page/DrillsTab";
import { ForgetDialog } from "../sources/page/ForgetDialog";
import { HoldReview } from "../sources/page/HoldReview";
import { ReleaseDialog } from "../sources/page/ReleaseDialog";
import { SettingsTab } from "../sources/page/SettingsTab";
import { Timeline } from "../sources/page/Timeline";
import { comparePath } from "../sources/SourceTable";
import { WhereStep } from "../vaults/WhereStep";

const tabs = ["timeline", "coverage", "conflicts", "replication", "drills", "settings"] as const;

/** Tabs that make sense for what the source can do. */
function useTabs(name: string): readonly (typeof tabs)[number][] {
  const shown = useCall("source.show", { name }, { silent: true });
  const can = shown.data?.capabilities;
  return tabs.filter((tab) => (tab !== "conflicts" || can?.conflicts) && (tab !== "replication" || can?.replicates));
}

function pathOf(source: SourceHealth): string {
  const path = (source.source.options as { path?: unknown } | null)?.path;
  return typeof path === "string" ? path : "";
}

/** Where it is: a path, or the address of a server. */
function placeOf(source: SourceHealth): string {
  const url = (source.source.options as { url?: unknown } | null)?.url;
  return shortPath(pathOf(source)) || (typeof url === "string" ? url.replace(/^https?:\/\//, "") : "");
}

interface ActionsProps {
  source: SourceHealth;
  /** The page has no other main action. */
  main: boolean;
  onBackup: () => void;
  onForget: () => void;
}

function Actions({ source, main, onBackup, onForget }: ActionsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const jobs = useJobs();
  const { name } = source.source;
  const [exporting, setExporting] = useState(false);
  const saved = source.points.findLast((point) => point.snapshot) ?? source.lastGood;
  const at = saved?.snapshot ? { snapshot: saved.snapshot, vault: saved.vault ?? null } : null;
  useShortcut("Ctrl Enter", t("common:action.backUpNow"), onBackup);
  return (
    <>
      <Button
        variant={main ? "filled" : "default"}
        leftSection={<IconPlayerPlay size="0.9375rem" stroke={1.8} />}
        disabled={jobs.some((job) => worksOn(job, name))}
        onClick={onBackup}
      >
        {t("common:action.backUpNow")}
      </Button>
      <Button disabled={!at} onClick={() => at && navigate(paths.browser(at))}>
        {t("common:action.browse")}
      </Button>
      <Button disabled={!at} onClick={() => navigate(comparePath(name))}>
        {t("common:action.compare")}
      </Button>
      <Button
        disabled={!at}
        leftSection={<IconArrowBackUp size="0.9375rem" stroke={1.8} />}
        onClick={() => navigate(paths.restore({ source: name }))}
      >
        {t("common:action.restore")}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("sources:moreFor", { name })}>
            <IconDots size="1.0625rem" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={!at} onClick={() => setExporting(true)}>
            {t("sources:export")}
          </Menu.Item>
          <Menu.Item disabled={!at} onClick={onForget}>
            {t("sources:forget.item")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => navigate(paths.source(name, "settings"))}>{t("sources:removeItem")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {at && saved && (
        <ExportDialog
          opened={exporting}
          onClose={() => setExporting(false)}
          at={at}
          subject={`${name}, ${exact(saved.time)}`}
          name={`${name}-${saved.time.slice(0, 10)}`}
        />
      )}
    </>
  );
}

/** Alarms of a source that were not answered, and which of them are being answered: by a button, or by the address. */
function useHolds(name: string, held: boolean) {
  const [search, setSearch] = useSearchParams();
  const query = useCall("hold.list", { source: name }, { silent: true, enabled: held });
  const holds = held ? (query.data?.holds ?? []) : [];
  const wanted = search.get("answer");
  const answering = byCause(holds).find((same) => same.some((hold) => hold.id === wanted)) ?? [];
  const answer = (same: HoldRow[]) =>
    setSearch(
      (now) => {
        now.delete("answer");
        if (same[0]) {
          now.set("answer", same[0].id);
        }
        return now;
      },
      { replace: true },
    );
  return { holds, query, answering, answer };
}

/** What one source is, in a line: kind, place and vaults, plans, next run. */
function Line({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const now = useNow();
  const kindTitle = useKindTitle();
  const goesTo = source.vaults.length > 0 ? `→ ${source.vaults.join(", ")}` : "";
  const place = [kindTitle(source.source.kind), [placeOf(source), goesTo].filter(Boolean).join(" ")];
  return (
    <>
      {place.filter(Boolean).join(" · ")} ·{" "}
      {source.plans.length === 0
        ? t("sources:noPlan")
        : source.plans.map((plan, at) => (
            <Fragment key={plan}>
              {at > 0 && ", "}
              <Link to={paths.plan(plan)} style={{ textDecoration: "underline" }}>
                {plan}
              </Link>
            </Fragment>
          ))}
      {source.next && ` · ${t("common:stay.next", { when: moment(source.next, now) })}`}
    </>
  );
}

/** The page, or the list of what a guard saw go. */
export default function SourceView() {
  const { name = "" } = useParams();
  const [search] = useSearchParams();
  const review = search.get("review");
  return review ? <HoldReview key={review} source={name} id={review} /> : <SourcePage name={name} />;
}

function SourcePage({ name }: { name: string }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const jobs = useJobs();
  const query = useCall("overview", {}, { silent: true });
  const [forgetting, setForgetting] = useState(false);
  const backup = useBackup();
  const onBackup = () => backup.start({ sources: [name] });
  const source = query.data?.sources.find((one) => one.source.name === name);
  const { holds, query: alarms, answering, answer } = useHolds(name, (source?.held ?? 0) > 0);
  const shown = useTabs(name);
  if (!source) {
    return (
      <Page>
        <PageHeader title={name} crumbs={[{ label: t("sources:title"), to: paths.sources() }]} />
        <ListStates query={query} isEmpty={() => true} empty={<Empty title={t("sources:gone", { name })} />}>
          {() => null}
        </ListStates>
      </Page>
    );
  }
  const status = sourceStatus(source, jobs);
  const tab = shown.find((one) => one === search.get("tab")) ?? "timeline";
  return (
    <Page>
      <PageHeader
        title={name}
        icon={<SourceIcon kind={source.source.kind} />}
        state={
          <>
            <VerdictPill
              status={status}
              gaps={status === "partial" ? gapCount(source) : 0}
              {...(source.health === "cancelled" && status === "paused" ? { word: t("common:status.cancelled") } : {})}
            />
            {source.sample && <SampleChip />}
          </>
        }
        line={<Line source={source} />}
        actions={
          <Actions
            source={source}
            main={tab === "timeline" && source.held === 0}
            onBackup={onBackup}
            onForget={() => setForgetting(true)}
          />
        }
      />
      {backup.error && <ErrorNote error={backup.error} onRetry={backup.again} />}
      {alarms.error && source.held > 0 && <ErrorNote error={alarms.error} onRetry={() => void alarms.refetch()} />}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => setSearch(next && next !== "timeline" ? { tab: next } : {}, { replace: true })}
      >
        <Tabs.List mb="lg">
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`sources:tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <Timeline key={name} source={source} holds={holds} onBackup={onBackup} onAnswer={answer} />
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          <CoverageTab source={name} kind={source.source.kind} holds={holds} onAnswer={answer} />
        </Tabs.Panel>
        <Tabs.Panel value="conflicts">
          <ConflictsTab key={name} source={name} />
        </Tabs.Panel>
        <Tabs.Panel value="replication">
          <ReplicationTab key={name} source={name} kind={source.source.kind} />
        </Tabs.Panel>
        <Tabs.Panel value="drills">
          <DrillsTab
            key={name}
            source={name}
            saved={source.points.some((point) => point.snapshot) || source.holds != null}
          />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SettingsTab
            key={source.source.id}
            source={source}
            vaultsField={(value, onChange) => (
              <WhereStep
                known={query.data?.vaults ?? []}
                value={{ vaults: value }}
                onChange={(where) => onChange(where.vaults)}
                protects={pathOf(source)}
                allowNew={false}
              />
            )}
          />
        </Tabs.Panel>
      </Tabs>
      <ForgetDialog source={name} opened={forgetting} onClose={() => setForgetting(false)} />
      <ReleaseDialog holds={answering} onClose={() => answer([])} />
    </Page>
  );
}
