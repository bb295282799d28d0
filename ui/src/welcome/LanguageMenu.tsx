/** The language of the window, before there are settings to look for. */
import { Button, Menu } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { call } from "../api";
import { languages, setLanguage, useTranslation } from "../i18n";
import { setAppearance } from "../theme/appearance";

/** Names of languages in themselves. */
const names: Record<(typeof languages)[number], string> = { en: "English", de: "Deutsch" };

/** A small menu. */
export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  const choose = async (language: (typeof languages)[number]) => {
    setLanguage(language);
    setAppearance({ language });
    const settings = await call("settings.get", {}, { silent: true }).catch(() => undefined);
    if (settings) {
      await call("settings.set", { ...settings, language }, { silent: true }).catch(() => undefined);
    }
  };
  const now = languages.find((language) => language === i18n.language) ?? "en";
  return (
    <Menu position="top-end">
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" aria-label={t("welcome:language", { name: names[now] })}>
          {names[now]}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={language === now && <IconCheck size="0.9375rem" />}
            onClick={() => void choose(language)}
          >
            {names[language]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
