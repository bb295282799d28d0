/** Name and place of a vault that is to be made, and what is wrong with the place. */
import { Stack, TextInput } from "@mantine/core";
import { Link } from "react-router";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { Note } from "../shared/Note";
import { PathField } from "../shared/PathField";
import { paths } from "../shared/paths";
import { usePlace } from "./usePlace";
import { placeWarning } from "./words";

/** A vault to be made. */
export interface VaultPlace {
  name: string;
  path: string;
}

/** What the fields need. */
export interface NewVaultFieldsProps {
  value: VaultPlace;
  onChange: (value: VaultPlace) => void;
  /** Path of what is protected, if the vault is made for one thing. */
  protects?: string;
  /** Names that are taken. */
  taken: string[];
}

/** Whether a vault can be made of this. */
export function placeIsComplete({ name, path }: VaultPlace, taken: string[]): boolean {
  return name.trim() !== "" && path.trim() !== "" && !taken.includes(name.trim());
}

/** Last part of a path: a good name as long as nobody typed another. */
function lastPart(path: string): string {
  return (
    path
      .trim()
      .replace(/[/\\]+$/, "")
      .split(/[/\\:]/)
      .pop() ?? ""
  );
}

function followed({ name, path }: VaultPlace): boolean {
  return name === "" || name === lastPart(path);
}

/** The two fields. */
export function NewVaultFields({ value, onChange, protects = "", taken }: NewVaultFieldsProps) {
  const { t } = useTranslation();
  const found = usePlace(value.path);
  const source = usePlace(protects);
  const warning = placeWarning(value.path.trim(), protects, { path: found?.disk, protects: source?.disk });
  return (
    <Stack gap="lg">
      <PathField
        required
        choose="folder"
        label={t("vaults:new.path")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        description={t("vaults:new.pathHelp")}
        placeholder={t("vaults:new.pathExample")}
        dialogTitle={t("vaults:new.pathDialog")}
        value={value.path}
        error={
          found && ["sqlite", "bundle", "plan", "settings", "unknown"].includes(found.kind)
            ? t("vaults:new.isFile")
            : undefined
        }
        onChange={(path) => onChange({ path, name: followed(value) ? lastPart(path) : value.name })}
      />
      {found?.free != null && (
        <p className="note" role="status">
          {t("vaults:new.free", { free: bytes(found.free) })}
        </p>
      )}
      {found?.kind === "vault" && (
        <Note title={t("vaults:new.isVault")}>
          {t("vaults:new.isVaultLine")}{" "}
          <Link to={`${paths.addVault()}?open=${encodeURIComponent(value.path)}`}>{t("vaults:new.openIt")}</Link>
        </Note>
      )}
      {warning === "inside" && (
        <Note status="failed" title={t("vaults:new.inside")}>
          {t("vaults:new.insideLine")}
        </Note>
      )}
      {warning === "sameDisk" && (
        <Note status="partial" title={t("vaults:new.sameDisk")}>
          {t("vaults:new.sameDiskLine")}
        </Note>
      )}
      <TextInput
        required
        label={t("vaults:new.name")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        description={t("vaults:new.nameHelp")}
        placeholder={t("vaults:new.nameExample")}
        value={value.name}
        error={taken.includes(value.name.trim()) ? t("vaults:new.nameTaken", { name: value.name.trim() }) : undefined}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
    </Stack>
  );
}
