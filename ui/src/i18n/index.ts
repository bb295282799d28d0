/** The one catalogue of texts. Every file `en/<domain>.json` is a namespace; `de/` holds the same keys. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

type Texts = Record<string, unknown>;
const files = import.meta.glob<{ default: Texts }>("./*/*.json", { eager: true });

/** Languages the catalogue has. */
export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

function resources(): Record<string, Record<string, Texts>> {
  const made: Record<string, Record<string, Texts>> = {};
  for (const [path, { default: texts }] of Object.entries(files)) {
    const [, language = "", name = ""] = /^\.\/(\w+)\/([\w-]+)\.json$/.exec(path) ?? [];
    made[language] = { ...made[language], [name]: texts };
  }
  return made;
}

/** `system` as a language the catalogue has. */
export function resolveLanguage(setting: string, system: readonly string[] = navigator.languages): Language {
  const wanted = setting === "system" ? system : [setting];
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    const found = languages.find((language) => language === base);
    if (found) {
      return found;
    }
  }
  return "en";
}

/** Makes texts available. Synchronous, so that the first frame has its words. */
export function startTexts(setting: string): void {
  if (i18next.isInitialized) {
    return;
  }
  const texts = resources();
  void i18next.use(initReactI18next).init({
    lng: resolveLanguage(setting),
    fallbackLng: "en",
    ns: Object.keys(texts.en ?? {}),
    defaultNS: "common",
    resources: texts as never,
    interpolation: { escapeValue: false },
    initAsync: false,
    returnNull: false,
    react: { useSuspense: false },
  });
  document.documentElement.lang = i18next.language;
}

/** Changes the language of everything at once. */
export function setLanguage(setting: string): void {
  const language = resolveLanguage(setting);
  if (i18next.language !== language) {
    void i18next.changeLanguage(language);
  }
  document.documentElement.lang = language;
}

/** A text outside of components. */
export function text(key: string, values?: Record<string, unknown>): string {
  return i18next.t(key, values ?? {});
}

export { useTranslation } from "react-i18next";
