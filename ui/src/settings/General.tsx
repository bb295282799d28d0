/** Settings › General: language, single letters; and what goes on in the background. */
import { Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asError, type BackstayError } from "../api";
import { languages, useTranslation } from "../i18n";
import { platform } from "../platform";
import { Background } from "./Background";
import { Section, SettingRow, SwitchRow } from "./SettingRow";
import type { SectionProps } from "./useSettings";

const AUTOSTART = ["shell.autostart"];

/** A language's name in itself. */
function ownName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

function StartAtLogin() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [error, setError] = useState<BackstayError | null>(null);
  const query = useQuery<boolean, unknown>({
    queryKey: AUTOSTART,
    queryFn: () => platform().shell("shell.autostart", {}),
  });
  const set = (wanted: boolean) => {
    setError(null);
    client.setQueryData(AUTOSTART, wanted);
    platform()
      .shell("shell.autostart", { set: wanted })
      .then((now) => client.setQueryData(AUTOSTART, now))
      .catch((thrown: unknown) => {
        client.setQueryData(AUTOSTART, !wanted);
        setError(asError(thrown));
      });
  };
  const shown = error ?? (query.error ? asError(query.error) : null);
  return (
    <SwitchRow
      id="autostart"
      title={t("settings:general.autostart")}
      line={t("settings:general.autostartLine")}
      checked={query.data ?? false}
      disabled={query.data === undefined}
      onChange={set}
      failed={shown ? { row: "autostart", error: shown } : null}
    />
  );
}

/** The section. */
export function General({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t("settings:section.general")}>
        <SettingRow id="language" title={t("settings:general.language")} failed={failed}>
          <Select
            aria-labelledby="language-title"
            allowDeselect={false}
            value={settings.language}
            data={[
              { value: "system", label: t("settings:likeSystem") },
              ...languages.map((language) => ({ value: language, label: ownName(language) })),
            ]}
            onChange={(language) => language && change("language", { language })}
          />
        </SettingRow>
        <SwitchRow
          id="keys"
          title={t("settings:general.keys")}
          line={t("settings:general.keysLine")}
          checked={settings.singleKeys}
          onChange={(singleKeys) => change("keys", { singleKeys })}
          failed={failed}
        />
        <SettingRow id="sample" title={t("settings:general.sample")} line={t("settings:general.sampleLine")}>
          <Link to="/welcome">{t("settings:general.sampleOpen")}</Link>
        </SettingRow>
      </Section>
      <Section title={t("settings:background.title")}>
        <StartAtLogin />
        <SwitchRow
          id="tray"
          title={t("settings:general.tray")}
          line={t("settings:general.trayLine")}
          checked={settings.keepInTray}
          onChange={(keepInTray) => change("tray", { keepInTray })}
          failed={failed}
        />
        <Background />
      </Section>
    </>
  );
}
