/** How one logs in: the way, and the fields that way needs. */
import { PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import type { ConnectorRow } from "../../api";
import { useTranslation } from "../../i18n";
import type { Options } from "../OptionsForm";
import css from "./couch.module.css";
import { fieldsOf, type Method, methodOf, methods, withMethod } from "./login";

/** What the fields need. */
export interface LoginFieldsProps {
  connector: ConnectorRow;
  value: Options;
  onChange: (value: Options) => void;
  set: (name: string, next: unknown) => void;
  /** The source exists: secrets that are not typed stay as they are. */
  existing: boolean;
}

/** The way to log in, and its fields side by side. */
export function LoginFields({ connector, value, onChange, set, existing }: LoginFieldsProps) {
  const { t } = useTranslation();
  const method = methodOf(value);
  const secrets = new Set(connector.options.filter((option) => option.secret).map((option) => option.name));
  const field = (name: string) => {
    const common = {
      label: t(`sources:couch.field.${name}`),
      description: t(`sources:couch.fieldHelp.${name}`, { defaultValue: "" }) || undefined,
      inputWrapperOrder: ["label", "input", "description", "error"] as ("label" | "input" | "description" | "error")[],
      value: typeof value[name] === "string" ? (value[name] as string) : "",
      autoComplete: "off",
    };
    const typed = (text: string) => set(name, text === "" ? undefined : text);
    return secrets.has(name) ? (
      <PasswordInput
        key={name}
        {...common}
        placeholder={existing ? t("sources:form.keptSecret") : ""}
        visibilityToggleButtonProps={{ "aria-label": t("sources:form.showSecret") }}
        onChange={(event) => typed(event.currentTarget.value)}
      />
    ) : (
      <TextInput key={name} {...common} onChange={(event) => typed(event.currentTarget.value)} />
    );
  };
  return (
    <Stack gap="md">
      <Select
        label={t("sources:couch.login")}
        description={t(`sources:couch.methodHelp.${method}`)}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={methods.map((one) => ({ value: one, label: t(`sources:couch.method.${one}`) }))}
        value={method}
        allowDeselect={false}
        onChange={(next) => onChange(withMethod(value, (next ?? "basic") as Method))}
      />
      {fieldsOf[method].length > 0 && <div className={css.pair}>{fieldsOf[method].map(field)}</div>}
    </Stack>
  );
}
