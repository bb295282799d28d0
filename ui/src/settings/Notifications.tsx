/** Settings › Notifications: when to speak up, where else, and what was said. */
import type { Settings } from "../api";
import { useTranslation } from "../i18n";
import { Channels } from "./Channels";
import { DesktopRow } from "./DesktopRow";
import { SentMessages } from "./SentMessages";
import { Section, SwitchRow } from "./SettingRow";
import type { SectionProps } from "./useSettings";

type Switched = "notifyFailed" | "notifyPartial" | "notifyOverdue" | "notifyGuard" | "notifyRestore" | "notifyComplete";
const switches: Switched[] = [
  "notifyFailed",
  "notifyPartial",
  "notifyOverdue",
  "notifyGuard",
  "notifyRestore",
  "notifyComplete",
];

/** The section. */
export function Notifications({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t("settings:notifications.when")}>
        {switches.map((name) => (
          <SwitchRow
            key={name}
            id={name}
            title={t(`settings:notifications.${name}`)}
            line={t(`settings:notifications.${name}Line`)}
            checked={settings[name]}
            onChange={(on) => change(name, { [name]: on } as Partial<Settings>)}
            failed={failed}
          />
        ))}
      </Section>
      <Section title={t("settings:notifications.where")}>
        <DesktopRow />
        <Channels />
      </Section>
      <SentMessages />
    </>
  );
}
