/** Settings › About: version, licences, where it keeps things. */
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { AppIcon } from "../shared/AppIcon";
import { ListStates } from "../shared/ListStates";
import { Section, SettingRow } from "./SettingRow";
import { Folder } from "./Storage";
import css from "./settings.module.css";

/** The section. */
export function AboutSection() {
  const { t } = useTranslation();
  const about = useCall("about", {}, { silent: true });
  return (
    <Section title={t("settings:section.about")}>
      <ListStates query={about} rows={3}>
        {(reply) => (
          <>
            <div className={css.brand}>
              <AppIcon size={48} />
              <div>
                <h3>{t("common:app")}</h3>
                <p className="quiet">{t("settings:about.version", { version: reply.version })}</p>
              </div>
            </div>
            <SettingRow id="licence" title={t("settings:about.licence")} line={t("settings:about.licenceLine")} />
            <SettingRow id="others" title={t("settings:about.others")} line={t("settings:about.othersLine")} />
            <SettingRow id="format" title={t("settings:about.format")} line={t("settings:about.formatLine")} />
            <Folder
              id="about-home"
              title={t("settings:storage.home")}
              line={t("settings:storage.homeLine")}
              path={reply.home}
            />
          </>
        )}
      </ListStates>
    </Section>
  );
}
