/** The side bar: where one can go, how the sources are, what runs. Under 1000 px a rail of icons with their names on hover. */
import { Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import {
  IconActivity,
  IconCalendarTime,
  IconHistory,
  IconHome,
  IconSearch,
  IconSettings,
  IconStack2,
  IconVault,
} from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { NavLink } from "react-router";
import { type SourceHealth, useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { AppIcon } from "../shared/AppIcon";
import { paths } from "../shared/paths";
import { type Status, StatusGlyph, severity } from "../shared/StatusGlyph";
import { needsYou, sourceStatus } from "../shared/sourceStatus";
import { JobChip } from "./JobChip";
import css from "./SideBar.module.css";

/** Width from which names stand beside the icons. */
export const wideBar = "(min-width: 62.5em)";
const SHOWN = 12;

interface ItemProps {
  to: string;
  icon: ReactNode;
  label: string;
  wide: boolean;
  end?: boolean;
  right?: ReactNode;
}

function Item({ to, icon, label, wide, end = false, right }: ItemProps) {
  return (
    <Tooltip label={label} disabled={wide} position="right" openDelay={120}>
      <NavLink to={to} end={end} className={css.item ?? ""}>
        {icon}
        <span className={wide ? "clip" : "visually-hidden"}>{label}</span>
        {right}
      </NavLink>
    </Tooltip>
  );
}

/** The sources to name: all in order of name, or the worst ones when there are many. */
export function shownSources(sources: SourceHealth[], stateOf: (source: SourceHealth) => Status): SourceHealth[] {
  if (sources.length <= SHOWN) {
    return sources;
  }
  return [...sources]
    .sort((one, other) => severity.indexOf(stateOf(one)) - severity.indexOf(stateOf(other)))
    .slice(0, SHOWN);
}

function Sources({ sources }: { sources: SourceHealth[] }) {
  const { t } = useTranslation();
  const jobs = useJobs();
  const stateOf = (source: SourceHealth) => sourceStatus(source, jobs);
  return (
    <ul className={css.sources}>
      {shownSources(sources, stateOf).map((source) => (
        <li key={source.source.id}>
          <NavLink to={paths.source(source.source.name)} className={css.source ?? ""}>
            <span className="clip" title={source.source.name}>
              {source.source.name}
            </span>
            <StatusGlyph status={stateOf(source)} size={13} label ground="var(--bs-canvas)" />
          </NavLink>
        </li>
      ))}
      {sources.length > SHOWN && (
        <li>
          <NavLink to={paths.sources()} end className={css.source ?? ""}>
            {t("shell:nav.allSources", { n: count(sources.length) })}
          </NavLink>
        </li>
      )}
    </ul>
  );
}

const icon = { size: "1.0625rem", stroke: 1.7 };

/** The side bar or, in a narrow window, the rail. */
export function SideBar() {
  const { t } = useTranslation();
  const wide = useMediaQuery(wideBar, true, { getInitialValueInEffect: false }) ?? true;
  const overview = useCall("overview", {}, { silent: true });
  const sources = useMemo(() => overview.data?.sources ?? [], [overview.data]);
  const jobs = useJobs();
  const needing = sources.filter((source) => needsYou(sourceStatus(source, jobs))).length;
  const active = jobs.filter((job) => job.state !== "done").length;
  return (
    <nav className={css.bar} aria-label={t("shell:nav.label")} data-region tabIndex={-1} data-wide={wide || undefined}>
      <div className={css.brand}>
        <AppIcon />
        {wide && <span>{t("common:app")}</span>}
      </div>
      <Tooltip label={t("shell:nav.search")} disabled={wide} position="right">
        <button
          type="button"
          className={css.search}
          onClick={() => spotlight.open()}
          {...(wide ? {} : { "aria-label": t("shell:nav.search") })}
        >
          <IconSearch {...icon} />
          {wide && <span className="clip">{t("shell:nav.search")}</span>}
          {wide && <kbd aria-hidden>{t("shell:nav.searchKey")}</kbd>}
        </button>
      </Tooltip>
      <div className={css.places}>
        <Item
          to={paths.overview()}
          end
          wide={wide}
          icon={<IconHome {...icon} />}
          label={t("shell:nav.overview")}
          right={
            needing > 0 && (
              <Badge warning label={t("shell:nav.needYou", { count: needing, n: count(needing) })} number={needing} />
            )
          }
        />
        <Item
          to={paths.sources()}
          end
          wide={wide}
          icon={<IconStack2 {...icon} />}
          label={t("shell:nav.sources")}
          right={wide && sources.length > 0 && <span className={css.count}>{count(sources.length)}</span>}
        />
        {wide && sources.length > 0 && <Sources sources={sources} />}
        <Item to={paths.snapshots()} wide={wide} icon={<IconHistory {...icon} />} label={t("shell:nav.snapshots")} />
        <Item to={paths.plans()} wide={wide} icon={<IconCalendarTime {...icon} />} label={t("shell:nav.plans")} />
        <Item to={paths.vaults()} wide={wide} icon={<IconVault {...icon} />} label={t("shell:nav.vaults")} />
        <Item
          to={paths.activity()}
          wide={wide}
          icon={<IconActivity {...icon} />}
          label={t("shell:nav.activity")}
          right={
            active > 0 && <Badge label={t("shell:nav.running", { count: active, n: count(active) })} number={active} />
          }
        />
      </div>
      <JobChip wide={wide} />
      <Item to="/settings" wide={wide} icon={<IconSettings {...icon} />} label={t("shell:nav.settings")} />
    </nav>
  );
}

function Badge({ number, label, warning = false }: { number: number; label: string; warning?: boolean }) {
  return (
    <span className={css.badge} data-warning={warning || undefined}>
      <span aria-hidden>{count(number)}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
