/** Where a source is kept: vaults that exist, or a new one. */
import { Checkbox, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { VaultIcon } from "../shared/SourceIcon";
import { NewVaultFields, type VaultPlace } from "./NewVaultFields";
import css from "./WhereStep.module.css";

/** What was chosen. */
export interface Where {
  vaults: string[];
  /** Present when a new vault is to be made. */
  newVault?: VaultPlace | undefined;
}

/** What the step needs. */
export interface WhereStepProps {
  known: VaultHealth[];
  value: Where;
  onChange: (value: Where) => void;
  /** Path of what is protected. */
  protects: string;
  /** A vault may be made here, too. */
  allowNew?: boolean;
}

function useRoom(): (vault: VaultHealth) => string {
  const { t } = useTranslation();
  return (vault) => {
    if (!vault.reachable) {
      return t("vaults:where.unreachable");
    }
    return vault.free != null ? t("vaults:room.free", { free: bytes(vault.free) }) : vault.vault.path;
  };
}

/** Cards with ticks. */
export function WhereStep({ known, value, onChange, protects, allowNew = true }: WhereStepProps) {
  const { t } = useTranslation();
  const room = useRoom();
  const toggle = (name: string, on: boolean) =>
    onChange({ ...value, vaults: on ? [...value.vaults, name] : value.vaults.filter((one) => one !== name) });
  return (
    <Stack gap="sm" className={css.where ?? ""}>
      {known.map((vault) => {
        const { name, path } = vault.vault;
        const on = value.vaults.includes(name);
        return (
          <Checkbox.Card key={name} className={css.card ?? ""} checked={on} onChange={(next) => toggle(name, next)}>
            <Checkbox.Indicator />
            <VaultIcon path={path} bare />
            <span className="strong clip">{name}</span>
            <span className={`${css.room} clip`}>{room(vault)}</span>
          </Checkbox.Card>
        );
      })}
      {allowNew && known.length > 0 && (
        <Checkbox.Card
          className={css.card ?? ""}
          checked={value.newVault !== undefined}
          onChange={(next) => onChange({ ...value, newVault: next ? { name: "", path: "" } : undefined })}
        >
          <Checkbox.Indicator />
          <IconPlus size="1rem" className={css.plus} aria-hidden />
          <span className="strong">{t("vaults:where.new")}</span>
        </Checkbox.Card>
      )}
      {allowNew && value.newVault && (
        <div className={css.fresh} data-alone={known.length === 0 || undefined}>
          <NewVaultFields
            value={value.newVault}
            onChange={(newVault) => onChange({ ...value, newVault })}
            protects={protects}
            taken={known.map((vault) => vault.vault.name)}
          />
        </div>
      )}
    </Stack>
  );
}
