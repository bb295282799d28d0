/** One source: its backups in time, what is missing, and its settings. */
import { ActionIcon, Button, Menu, Tabs } from "@mantine/core";
import { IconArrowBackUp, IconDots, IconPlayerPlay } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { type RunPoint, type SourceHealth, useCall, useJobs } from "../api";
import { ExportDialog } from "../bundles/ExportDialog";
import { useTranslation } from "../i18n";
import { dayOffset, exact } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { SampleChip } from "../shared/SampleChip";
import { SourceIcon } from "../shared/SourceIcon";
import { useShortcut } from "../shared/shortcuts";
import { shortPath } from "../shared/shortPath";
import { sourceStatus, worksOn } from "../shared/sourceStatus";
import { useBackup } from "../shared/useBackup";
import { useKindTitle } from "../shared/useKindTitle";
import { VerdictPill } from "../shared/VerdictPill";
import { gapCount } from "../shared/worstRun";
import { ForgetDialog } from "../sources/page/ForgetDialog";
import css from "../sources/page/page.module.css";
import { RemoveBackup } from "../sources/page/RemoveBackup";
import { RunTable } from "../sources/page/RunTable";
import { daysOf, type Range } from "../sources/page/range";
import { SettingsTab } from "../sources/page/SettingsTab";
import { NewestNote, Side } from "../sources/page/Side";
import { Stay } from "../sources/page/Stay";
import { comparePath } from "../sources/SourceTable";
import { WhereStep } from "../vaults/WhereStep";

function pathOf(source: SourceHealth): string {
  const path = (source.source.options as { path?: unknown } | null)?.path;
  return typeof path === "string" ? path : "";
}

function Timeline({ source, onBackup }: { source: SourceHealth; onBackup: () => void }) {
  const { t } = useTranslation();
  const { name, created } = source.source;
  const [range, setRange] = useState<Range>("14");
  const [removing, setRemoving] = useState<RunPoint | null>(null);
  const since = useMemo(() => {
    const now = new Date();
    return dayOffset(now, 1 - daysOf(range, created, now)).toISOString();
  }, [range, created]);
  const query = useCall("overview", { source: name, since }, { silent: true, keep: true });
  const points = query.data?.sources[0]?.points ?? source.points;
  const job = useJobs().find((one) => worksOn(one, name));
  if (!source.last && points.length === 0) {
    return job ? (
      <section className="card">
        <div className={css.stay}>
          <JobProgress job={job} />
        </div>
      </section>
    ) : (
      <Empty
        title={t("sources:timeline.empty", { name })}
        action={
          <Button leftSection={<IconPlayerPlay size="0.9375rem" />} onClick={onBackup}>
            {t("common:action.backUpNow")}
          </Button>
        }
      >
        {t("sources:timeline.emptyLine")}
      </Empty>
    );
  }
  return (
    <div className={css.grid}>
      <div className={css.main}>
        {job && (
          <section className={`card ${css.stay}`}>
            <JobProgress job={job} />
          </section>
        )}
        {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
        <Stay source={source} points={points} range={range} onRange={setRange} />
        <RunTable source={name} points={points} severalVaults={source.vaults.length > 1} onRemove={setRemoving} />
      </div>
      <div className={css.note}>
        <NewestNote source={source} />
      </div>
      <div className={css.rest}>
        <Side source={source} points={points} range={range} />
      </div>
      <RemoveBackup source={name} point={removing} onClose={() => setRemoving(null)} />
    </div>
  );
}

function Actions({ source, onBackup, onForget }: { source: SourceHealth; onBackup: () => void; onForget: () => void }) {
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
        variant="filled"
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

/** The page. */
export default function SourceView() {
  const { t } = useTranslation();
  const { name = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const jobs = useJobs();
  const kindTitle = useKindTitle();
  const query = useCall("overview", {}, { silent: true });
  const [forgetting, setForgetting] = useState(false);
  const backup = useBackup();
  const onBackup = () => backup.start({ sources: [name] });
  const source = query.data?.sources.find((one) => one.source.name === name);
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
  const tab = search.get("tab") === "settings" ? "settings" : "timeline";
  const goesTo = source.vaults.length > 0 ? `→ ${source.vaults.join(", ")}` : "";
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
        line={[kindTitle(source.source.kind), [shortPath(pathOf(source)), goesTo].filter(Boolean).join(" ")]
          .filter(Boolean)
          .join(" · ")}
        actions={<Actions source={source} onBackup={onBackup} onForget={() => setForgetting(true)} />}
      />
      {backup.error && <ErrorNote error={backup.error} onRetry={backup.again} />}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => setSearch(next === "settings" ? { tab: "settings" } : {}, { replace: true })}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="timeline">{t("sources:tab.timeline")}</Tabs.Tab>
          <Tabs.Tab value="settings">{t("sources:tab.settings")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <Timeline key={name} source={source} onBackup={onBackup} />
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
    </Page>
  );
}
