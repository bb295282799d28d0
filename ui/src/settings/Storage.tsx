/** Settings › Storage: what Backstay keeps on this computer beside the vaults, and how much of it. */
import { Button, Select } from "@mantine/core";
import { useAct, useCall, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { RevealButton } from "../shared/RevealButton";
import { Section, SettingRow } from "./SettingRow";
import css from "./settings.module.css";
import type { SectionProps } from "./useSettings";

const MIB = 1 << 20;
const limits = [256, 512, 1024, 2048, 5120, 10_240].map((size) => size * MIB);

function Cache({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const info = useCall("cache.info", {}, { silent: true });
  const clear = useAct("cache.clear");
  const offered = limits.includes(settings.cacheLimit)
    ? limits
    : [...limits, settings.cacheLimit].sort((one, other) => one - other);
  return (
    <Section title={t("settings:storage.cache")}>
      <ListStates query={info} rows={1}>
        {(reply) => (
          <SettingRow
            id="used"
            title={t("settings:storage.used", { size: bytes(reply.bytes) })}
            line={t("settings:storage.usedLine", { count: reply.files, n: count(reply.files) })}
          >
            <Button
              disabled={reply.files === 0}
              loading={clear.isPending}
              onClick={() => clear.mutate({}, { onSettled: () => void refresh(["settings"]) })}
            >
              {t("settings:storage.clear")}
            </Button>
          </SettingRow>
        )}
      </ListStates>
      <div role="status" className={css.result}>
        {clear.isSuccess && t("settings:storage.cleared")}
      </div>
      {clear.error && <ErrorNote error={clear.error} tight />}
      <SettingRow id="limit" title={t("settings:storage.limit")} line={t("settings:storage.limitLine")} failed={failed}>
        <Select
          aria-labelledby="limit-title"
          allowDeselect={false}
          value={String(settings.cacheLimit)}
          data={offered.map((size) => ({ value: String(size), label: bytes(size) }))}
          onChange={(value) => value && change("limit", { cacheLimit: Number(value) })}
        />
      </SettingRow>
    </Section>
  );
}

/** A folder that can be shown in the file manager. */
export function Folder({ id, title, line, path }: { id: string; title: string; line: string; path: string }) {
  return (
    <SettingRow id={id} title={title} line={line} wide>
      <div className={css.path}>
        <code>{path}</code>
        <RevealButton path={path} />
      </div>
    </SettingRow>
  );
}

/** The section. */
export function Storage(props: SectionProps) {
  const { t } = useTranslation();
  const about = useCall("about", {}, { silent: true });
  return (
    <>
      <Cache {...props} />
      <Section title={t("settings:storage.state")}>
        <ListStates query={about} rows={1}>
          {(reply) => (
            <Folder
              id="home"
              title={t("settings:storage.home")}
              line={t("settings:storage.homeLine")}
              path={reply.home}
            />
          )}
        </ListStates>
      </Section>
    </>
  );
}
