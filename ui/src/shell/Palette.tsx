/** Search, commands, places: Ctrl K. */
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import {
  IconActivity,
  IconArrowBackUp,
  IconCalendarTime,
  IconChartBar,
  IconGitCompare,
  IconHistory,
  IconHome,
  IconKeyboard,
  IconListCheck,
  IconLock,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
  IconSettings,
  IconStack2,
  IconVault,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { call, startJob, useCall } from "../api";
import { useTranslation } from "../i18n";
import { paths } from "../shared/paths";
import css from "./Palette.module.css";
import { openShortcuts } from "./ShortcutsDialog";
import { backUpAll } from "./useFrameShortcuts";

const size = { size: "1.0625rem", stroke: 1.7 };

function quietly(work: Promise<unknown>): void {
  void work.catch(() => undefined);
}

function action(id: string, label: string, icon: ReactNode, onClick: () => void, right?: string): SpotlightActionData {
  return {
    id,
    label,
    leftSection: icon,
    onClick,
    rightSection: right ? (
      /^(Ctrl|\?)/.test(right) ? (
        <kbd className={css.key}>{right}</kbd>
      ) : (
        <span className="note">{right}</span>
      )
    ) : undefined,
  };
}

function useActions(typed: string): SpotlightActionGroupData[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const go = (to: string) => () => void navigate(to);
  const overview = useCall("overview", {}, { silent: true });
  const sources = overview.data?.sources ?? [];
  const vaults = overview.data?.vaults ?? [];
  const plans = useCall("plan.list", {}, { silent: true }).data?.plans ?? [];
  const perSource = sources.flatMap(({ source: { name, id }, last }) => [
    action(`backup-${id}`, t("shell:palette.backUp", { name }), <IconPlayerPlay {...size} />, () => {
      quietly(startJob("backup", { sources: [name], all: false, vaults: [], tags: [] }));
      void navigate(paths.source(name));
    }),
    action(
      `restore-${id}`,
      t("shell:palette.restore", { name }),
      <IconArrowBackUp {...size} />,
      go(paths.restore({ source: name })),
    ),
    ...(last?.snapshot
      ? [
          action(
            `compare-${id}`,
            t("shell:palette.compare", { name }),
            <IconGitCompare {...size} />,
            go(paths.compare({ a: last.snapshot, b: `live:${name}` })),
          ),
        ]
      : []),
  ]);
  const perPlan = plans.map(({ name, id }) =>
    action(`run-${id}`, t("shell:palette.runPlan", { name }), <IconPlayerPlay {...size} />, () => {
      quietly(startJob("plan.run", { plan: name }));
      void navigate(paths.plan(name));
    }),
  );
  const general = [
    action(
      "all",
      t("shell:palette.backUpAll"),
      <IconPlayerPlay {...size} />,
      () => quietly(backUpAll()),
      "Ctrl Shift B",
    ),
    action("add", t("shell:palette.addSource"), <IconPlus {...size} />, go(paths.addSource()), "Ctrl N"),
    action("plan", t("shell:palette.addPlan"), <IconPlus {...size} />, go(paths.addPlan())),
    action("vault", t("shell:palette.addVault"), <IconPlus {...size} />, go(paths.addVault())),
    action(
      "lock",
      t("shell:palette.lock"),
      <IconLock {...size} />,
      () => quietly(call("lock.close", {}, { silent: true })),
      "Ctrl L",
    ),
    action("keys", t("shell:palette.shortcuts"), <IconKeyboard {...size} />, openShortcuts, "?"),
  ];
  const places = [
    ...sources.map(({ source: { name, id } }) =>
      action(`source-${id}`, name, <IconStack2 {...size} />, go(paths.source(name)), t("shell:palette.source")),
    ),
    ...vaults.map(({ vault: { name } }) =>
      action(`vault-${name}`, name, <IconVault {...size} />, go(paths.vault(name)), t("shell:palette.vault")),
    ),
    ...plans.map(({ name, id }) =>
      action(`plan-${id}`, name, <IconCalendarTime {...size} />, go(paths.plan(name)), t("shell:palette.plan")),
    ),
    action("overview", t("shell:nav.overview"), <IconHome {...size} />, go(paths.overview()), "Ctrl 1"),
    action("sources", t("shell:nav.sources"), <IconStack2 {...size} />, go(paths.sources()), "Ctrl 2"),
    action("snapshots", t("shell:nav.snapshots"), <IconHistory {...size} />, go(paths.snapshots()), "Ctrl 3"),
    action("plans", t("shell:nav.plans"), <IconCalendarTime {...size} />, go(paths.plans()), "Ctrl 4"),
    action("vaults", t("shell:nav.vaults"), <IconVault {...size} />, go(paths.vaults()), "Ctrl 5"),
    action("activity", t("shell:nav.activity"), <IconActivity {...size} />, go(paths.activity()), "Ctrl 6"),
    action("figures", t("figures:title"), <IconChartBar {...size} />, go(paths.figures())),
    action("audit", t("shell:palette.audit"), <IconListCheck {...size} />, go(paths.audit())),
    action("settings", t("shell:nav.settings"), <IconSettings {...size} />, go(paths.settings()), "Ctrl ,"),
  ];
  const words = typed.trim().toLowerCase();
  // Actions of single sources only show once something was typed: seven sources would hide the rest.
  const fits = (one: SpotlightActionData) => (one.label ?? "").toLowerCase().includes(words);
  const groups: SpotlightActionGroupData[] = [
    {
      group: t("shell:palette.do"),
      actions: words ? [...perSource, ...perPlan, ...general].filter(fits).slice(0, 8) : general,
    },
    { group: t("shell:palette.goTo"), actions: words ? places.filter(fits).slice(0, 10) : places },
  ];
  if (words) {
    const search = action(
      "search",
      t("shell:palette.inBackups", { text: typed.trim() }),
      <IconSearch {...size} />,
      go(paths.search(typed.trim())),
    );
    groups.push({ group: t("shell:nav.search"), actions: [search] });
  }
  return groups.filter((group) => group.actions.length > 0);
}

/** The palette; it opens through `spotlight.open()`. */
export function Palette() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const actions = useActions(typed);
  return (
    <Spotlight
      actions={actions}
      query={typed}
      onQueryChange={setTyped}
      filter={(_, all) => all}
      shortcut={null}
      nothingFound={t("shell:palette.nothing")}
      highlightQuery={false}
      attributes={{ content: { "aria-label": t("shell:palette.label") } }}
      scrollable
      maxHeight="min(28rem, 70vh)"
      radius="xl"
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      transitionProps={{ duration: 120 }}
      classNames={{ action: css.action ?? "", actionsGroup: css.group ?? "" }}
      searchProps={{
        leftSection: <IconSearch {...size} />,
        placeholder: t("shell:palette.placeholder"),
        "aria-label": t("shell:palette.label"),
      }}
    />
  );
}
