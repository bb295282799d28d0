/** Settings › Move and keep settings: into a file without secrets, and back, with a look at what would come first. */
import { Button } from "@mantine/core";
import { IconDownload, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { type SettingsImportReply, useAct, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { RevealButton } from "../shared/RevealButton";
import { Section, SettingRow } from "./SettingRow";
import css from "./settings.module.css";

function Export() {
  const { t } = useTranslation();
  const act = useAct("settings.export");
  const save = async () => {
    const path = await platform()
      .shell("shell.saveFile", { title: t("settings:move.exportTitle"), suggested: "backstay-settings.json" })
      .catch(() => null);
    if (path) {
      act.mutate({ path });
    }
  };
  return (
    <>
      <SettingRow id="export" title={t("settings:move.export")} line={t("settings:move.exportLine")}>
        <Button leftSection={<IconDownload size="1rem" />} loading={act.isPending} onClick={() => void save()}>
          {t("settings:move.exportButton")}
        </Button>
      </SettingRow>
      {act.error && <ErrorNote error={act.error} tight />}
      {act.data && (
        <Note status="complete" title={t("settings:move.exported")} actions={<RevealButton path={act.data.path} />}>
          <code>{act.data.path}</code>
        </Note>
      )}
    </>
  );
}

const lists = ["sources", "vaults", "plans", "channels", "kept", "secrets"] as const;

function Contents({ reply }: { reply: SettingsImportReply }) {
  const { t } = useTranslation();
  return (
    <div className={css.lists}>
      {lists.map(
        (name) =>
          reply[name].length > 0 && (
            <div key={name}>
              <h3>{t(`settings:move.${name}`, { count: reply[name].length, n: count(reply[name].length) })}</h3>
              <p className="note">{t(`settings:move.${name}Line`)}</p>
              <ul>
                {reply[name].map((item) => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            </div>
          ),
      )}
    </div>
  );
}

function Import() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [path, setPath] = useState<string | null>(null);
  const look = useAct("settings.import");
  const take = useAct("settings.import");
  const choose = async () => {
    const chosen = await platform()
      .shell("shell.pickFile", { title: t("settings:move.importTitle"), extensions: ["json"] })
      .catch(() => null);
    if (chosen) {
      take.reset();
      setPath(chosen);
      look.mutate({ path: chosen, dryRun: true });
    }
  };
  const close = () => {
    setPath(null);
    look.reset();
  };
  const confirm = () => {
    if (path) {
      take.mutate(
        { path, dryRun: false },
        {
          onSuccess: () => {
            close();
            void refresh(["settings", "sources", "vaults", "plans", "channels", "audit"]);
          },
        },
      );
    }
  };
  const preview = look.data;
  const nothingNew =
    preview && [preview.sources, preview.vaults, preview.plans, preview.channels].every((names) => names.length === 0);
  return (
    <>
      <SettingRow id="import" title={t("settings:move.import")} line={t("settings:move.importLine")}>
        <Button leftSection={<IconUpload size="1rem" />} loading={look.isPending} onClick={() => void choose()}>
          {t("settings:move.importButton")}
        </Button>
      </SettingRow>
      {look.error && <ErrorNote error={look.error} title={t("settings:move.unreadable")} tight />}
      {take.error && <ErrorNote error={take.error} tight />}
      {preview && path && (
        <section className={`card ${css.preview}`} aria-label={t("settings:move.preview")}>
          <h3>{t("settings:move.preview")}</h3>
          <p className="quiet">{t("settings:move.previewLine")}</p>
          <code>{path}</code>
          <p>{t(nothingNew ? "settings:move.onlySettings" : "settings:move.alsoSettings")}</p>
          <Contents reply={preview} />
          <div className={css.buttons}>
            <Button onClick={close}>{t("common:action.cancel")}</Button>
            <Button variant="filled" loading={take.isPending} onClick={confirm}>
              {t("settings:move.take")}
            </Button>
          </div>
        </section>
      )}
      {take.data && !preview && (
        <Note status="complete" title={t("settings:move.taken")}>
          <Contents reply={take.data} />
        </Note>
      )}
    </>
  );
}

/** The section. */
export function MoveSettings() {
  const { t } = useTranslation();
  return (
    <Section title={t("settings:section.move")}>
      <Export />
      <Import />
    </Section>
  );
}
