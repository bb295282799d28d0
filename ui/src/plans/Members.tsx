/** Which sources a plan backs up, and into which vaults. */
import { MultiSelect } from "@mantine/core";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import css from "./plan.module.css";

/** Sources and vaults by name. */
export interface MembersProps {
  sources: string[];
  vaults: string[];
  onChange: (part: { sources?: string[]; vaults?: string[] }) => void;
  /** Say that a source is missing. */
  showMissing?: boolean;
}

/** Names that are chosen but no longer there stay in the list, so that they can be taken away. */
function withChosen(names: string[], chosen: string[]): string[] {
  return [...names, ...chosen.filter((name) => !names.includes(name))];
}

/** Two lists to choose from. */
export function Members({ sources, vaults, onChange, showMissing = true }: MembersProps) {
  const { t } = useTranslation();
  const overview = useCall("overview", {}, { silent: true });
  const known = overview.data;
  return (
    <div className={css.members}>
      <MultiSelect
        label={t("plans:members.sources")}
        description={t("plans:members.sourcesLine", { count: sources.length, n: count(sources.length) })}
        placeholder={sources.length === 0 ? t("plans:members.choose") : ""}
        classNames={{ input: css.pills ?? "" }}
        searchable
        comboboxProps={{ keepMounted: false }}
        hidePickedOptions
        clearable
        clearButtonProps={{ "aria-label": t("plans:members.clearSources") }}
        data={withChosen(known?.sources.map((one) => one.source.name) ?? [], sources)}
        value={sources}
        error={showMissing && sources.length === 0 ? t("plans:problem.noSources") : undefined}
        onChange={(next) => onChange({ sources: next })}
      />
      <MultiSelect
        label={t("plans:members.vaults")}
        description={t(vaults.length === 0 ? "plans:members.vaultsOwn" : "plans:members.vaultsLine")}
        classNames={{ input: css.pills ?? "" }}
        searchable
        comboboxProps={{ keepMounted: false }}
        hidePickedOptions
        clearable
        clearButtonProps={{ "aria-label": t("plans:members.clearVaults") }}
        data={withChosen(known?.vaults.map((one) => one.vault.name) ?? [], vaults)}
        value={vaults}
        onChange={(next) => onChange({ vaults: next })}
      />
    </div>
  );
}
