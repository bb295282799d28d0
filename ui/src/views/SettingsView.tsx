/** Settings, section by section. Every change counts at once. */
import { Select } from "@mantine/core";
import {
  IconArchive,
  IconBell,
  IconDownload,
  IconInfoCircle,
  IconLock,
  IconPalette,
  IconSettings,
  IconTerminal2,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useTranslation } from "../i18n";
import { AboutSection } from "../settings/AboutSection";
import { Appearance } from "../settings/Appearance";
import { CommandLine } from "../settings/CommandLine";
import { General } from "../settings/General";
import { MoveSettings } from "../settings/MoveSettings";
import { Notifications } from "../settings/Notifications";
import { Security } from "../settings/Security";
import { Storage } from "../settings/Storage";
import css from "../settings/settings.module.css";
import { type SectionProps, useSettings } from "../settings/useSettings";
import { ListStates } from "../shared/ListStates";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";

type Name = "general" | "appearance" | "notifications" | "security" | "storage" | "cli" | "move" | "about";

const sections: [Name, TablerIcon, (props: SectionProps) => ReactNode][] = [
  ["general", IconSettings, General],
  ["appearance", IconPalette, Appearance],
  ["notifications", IconBell, Notifications],
  ["security", IconLock, Security],
  ["storage", IconArchive, Storage],
  ["cli", IconTerminal2, CommandLine],
  ["move", IconDownload, MoveSettings],
  ["about", IconInfoCircle, AboutSection],
];

/** The page. */
export default function SettingsView() {
  const { t } = useTranslation();
  const { section } = useParams();
  const navigate = useNavigate();
  const { query, change, failed } = useSettings();
  const [current, , Current] = sections.find(([name]) => name === section) ?? sections[0] ?? [];
  return (
    <div className={css.page}>
      <div className={css.side}>
        <PageHeader title={t("settings:title")} />
        <nav aria-label={t("settings:sections")}>
          <ul className={css.places}>
            {sections.map(([name, Icon]) => (
              <li key={name}>
                <Link
                  to={paths.settings(name)}
                  className={css.place ?? ""}
                  {...(name === current ? { "aria-current": "page" as const } : {})}
                >
                  <Icon size="1.0625rem" stroke={1.6} aria-hidden />
                  {t(`settings:section.${name}`)}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <Select
          className={css.pick ?? ""}
          aria-label={t("settings:sections")}
          allowDeselect={false}
          value={current ?? "general"}
          data={sections.map(([name]) => ({ value: name, label: t(`settings:section.${name}`) }))}
          onChange={(name) => name && void navigate(paths.settings(name))}
        />
      </div>
      <div className={css.column}>
        <ListStates query={query} what={t("settings:loading")}>
          {(settings) => Current && <Current key={current} settings={settings} change={change} failed={failed} />}
        </ListStates>
      </div>
    </div>
  );
}
