/** The settings of a kind of source, as its connector lists them. New connectors appear here without a change. */
import { Collapse, PasswordInput, Select, Stack, Switch, TagsInput, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { ConnectorRow, OptionRow } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { PathField } from "../shared/PathField";
import css from "./OptionsForm.module.css";

/** Settings by option name: text, list of texts, or `true`. */
export type Options = Record<string, unknown>;

/** What is said about a setting, by its name. */
export type Complaints = Record<string, string | undefined>;

/** Help stands under its field, so that fields with buttons line up. */
const helpBeneath: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

interface FieldProps {
  option: OptionRow;
  value: unknown;
  onChange: (value: unknown) => void;
  error?: string | undefined;
  /** A secret that is kept already: nothing has to be typed. */
  kept: boolean;
}

/** `one-file-system` as people read it, unless the catalogue has a better name. */
function useOptionName(): (option: OptionRow) => string {
  const { t } = useTranslation();
  return ({ name }) => {
    const plain = name.replace(/[-_]+/g, " ");
    return t(`sources:option.${name}`, { defaultValue: plain.charAt(0).toUpperCase() + plain.slice(1) });
  };
}

/** Choices written as `quick|full`. */
function choices(option: OptionRow): string[] | undefined {
  return /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(option.value) ? option.value.split("|") : undefined;
}

/** What a path leads to, by what its value is called. */
function pathKind(option: OptionRow): "folder" | "file" | "any" {
  if (/dir|folder/i.test(option.value) && !/file/i.test(option.value)) {
    return "folder";
  }
  return /file/i.test(option.value) && !/dir|folder/i.test(option.value) ? "file" : "any";
}

function OptionField({ option, value, onChange, error, kept }: FieldProps) {
  const { t } = useTranslation();
  const label = useOptionName()(option);
  const common = {
    label,
    description: option.help,
    error,
    required: option.required && !kept,
    inputWrapperOrder: helpBeneath,
  };
  const text = typeof value === "string" ? value : "";
  if (option.flag) {
    return (
      <Switch
        label={label}
        description={option.help}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked ? true : undefined)}
      />
    );
  }
  if (option.multiple) {
    const list = Array.isArray(value) ? value.map(String) : text ? [text] : [];
    return (
      <TagsInput
        {...common}
        value={list}
        splitChars={["\n"]}
        placeholder={list.length === 0 ? t("sources:form.addOne", { what: option.value }) : ""}
        onChange={(next) => onChange(next.length > 0 ? next : undefined)}
      />
    );
  }
  const change = (next: string) => onChange(next === "" ? undefined : next);
  if (option.path) {
    const kind = pathKind(option);
    const pickFile = async () => {
      const path = await platform().shell("shell.pickFile", { title: label });
      if (path) {
        change(path);
      }
    };
    return (
      <div>
        <PathField {...common} choose={kind === "file" ? "file" : "folder"} value={text} onChange={change} />
        {kind === "any" && (
          <UnstyledButton className={css.more ?? ""} onClick={() => void pickFile()}>
            {t("sources:form.chooseFile")}
          </UnstyledButton>
        )}
      </div>
    );
  }
  if (option.secret) {
    return (
      <PasswordInput
        {...common}
        value={text}
        autoComplete="off"
        onChange={(event) => change(event.currentTarget.value)}
        placeholder={kept ? t("sources:form.keptSecret") : ""}
        visibilityToggleButtonProps={{ "aria-label": t("sources:form.showSecret") }}
      />
    );
  }
  const list = choices(option);
  if (list) {
    return (
      <Select
        {...common}
        data={list}
        value={text || null}
        clearable
        placeholder={t("sources:form.asUsual")}
        onChange={(next) => change(next ?? "")}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={text}
      placeholder={option.value}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

/** What the form needs. */
export interface OptionsFormProps {
  connector: ConnectorRow;
  value: Options;
  onChange: (value: Options) => void;
  complaints?: Complaints;
  /** The source exists: secrets that are not typed stay as they are. */
  existing?: boolean;
}

/** Required settings first; the others fold away until one is used. */
export function OptionsForm({ connector, value, onChange, complaints = {}, existing = false }: OptionsFormProps) {
  const { t } = useTranslation();
  const first = connector.options.filter((option) => option.required || option.secret);
  const rest = connector.options.filter((option) => !first.includes(option));
  const [open, setOpen] = useState(rest.some((option) => value[option.name] !== undefined));
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...others } = value;
    onChange(next === undefined ? others : { ...others, [name]: next });
  };
  const field = (option: OptionRow) => (
    <OptionField
      key={option.name}
      option={option}
      value={value[option.name]}
      onChange={(next) => set(option.name, next)}
      error={complaints[option.name]}
      kept={existing && option.secret}
    />
  );
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <Stack gap="lg">
      {first.map(field)}
      {rest.length > 0 && (
        <div>
          <UnstyledButton className={css.more ?? ""} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Chevron size="0.9375rem" aria-hidden /> {t("sources:form.more")}
          </UnstyledButton>
          <Collapse expanded={open}>
            <Stack gap="lg" pt="md">
              {rest.map(field)}
            </Stack>
          </Collapse>
        </div>
      )}
    </Stack>
  );
}

/** Names of required settings without a value. */
export function missingOptions(connector: ConnectorRow, value: Options, existing = false): string[] {
  return connector.options
    .filter((option) => option.required && !(existing && option.secret) && value[option.name] === undefined)
    .map((option) => option.name);
}

/** Settings without the secret ones, for keeping. */
export function withoutSecrets(connector: ConnectorRow | undefined, value: Options): Options {
  const secret = new Set(connector?.options.filter((option) => option.secret).map((option) => option.name));
  return Object.fromEntries(Object.entries(value).filter(([name]) => connector && !secret.has(name)));
}
