/** Settings of a CouchDB source in the order a person knows them: where, who, which databases, what of them. */
import { Collapse, NumberInput, Stack, Switch, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { ConnectorRow, ProbePart } from "../../api";
import { useTranslation } from "../../i18n";
import { PathField } from "../../shared/PathField";
import type { Options } from "../OptionsForm";
import form from "../OptionsForm.module.css";
import css from "./couch.module.css";
import { DatabaseChoice } from "./DatabaseChoice";
import { LoginFields } from "./LoginFields";
import { isInTheClear } from "./login";

/** What the form needs. */
export interface CouchFormProps {
  connector: ConnectorRow;
  value: Options;
  onChange: (value: Options) => void;
  /** The databases of the server, once it was reached. */
  parts?: ProbePart[] | undefined;
  existing?: boolean;
}

const beneath: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

/** Address, log-in, databases, what of them; the rest folds away until it is used. */
export function CouchForm({ connector, value, onChange, parts, existing = false }: CouchFormProps) {
  const { t } = useTranslation();
  const rest = ["ca", "rate", "parallel"];
  const [open, setOpen] = useState(rest.some((name) => value[name] !== undefined));
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...others } = value;
    onChange(next === undefined ? others : { ...others, [name]: next });
  };
  const text = (name: string) => (typeof value[name] === "string" ? (value[name] as string) : "");
  const flag = (name: string, turned = false) => (
    <Switch
      label={t(`sources:couch.what.${name}`)}
      description={t(`sources:couch.whatHelp.${name}`)}
      checked={(value[name] === true) !== turned}
      onChange={(event) => set(name, event.currentTarget.checked !== turned ? true : undefined)}
    />
  );
  const number = (name: string) => (
    <NumberInput
      label={t(`sources:couch.field.${name}`)}
      description={t(`sources:couch.fieldHelp.${name}`)}
      inputWrapperOrder={beneath}
      min={1}
      allowDecimal={false}
      value={text(name)}
      placeholder={t("sources:form.asUsual")}
      onChange={(next) => set(name, next === "" ? undefined : String(next))}
    />
  );
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <Stack gap="lg">
      <TextInput
        required
        label={t("sources:couch.field.url")}
        description={t("sources:couch.fieldHelp.url")}
        inputWrapperOrder={beneath}
        placeholder="https://couch.example.org:6984"
        value={text("url")}
        error={isInTheClear(value.url) ? t("sources:couch.inTheClear") : undefined}
        onChange={(event) => set("url", event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
      />
      <LoginFields connector={connector} value={value} onChange={onChange} set={set} existing={existing} />
      <DatabaseChoice value={value} onChange={onChange} parts={parts} />
      <section className={css.section}>
        <h2>{t("sources:couch.what.title")}</h2>
        <Stack gap="md">
          {flag("deleted")}
          {flag("no-local", true)}
          {flag("system")}
        </Stack>
      </section>
      <div>
        <UnstyledButton className={form.more ?? ""} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Chevron size="0.9375rem" aria-hidden /> {t("sources:form.more")}
        </UnstyledButton>
        <Collapse expanded={open}>
          <Stack gap="lg" pt="md">
            <PathField
              choose="file"
              extensions={["pem", "crt", "cer"]}
              label={t("sources:couch.field.ca")}
              description={t("sources:couch.fieldHelp.ca")}
              inputWrapperOrder={beneath}
              value={text("ca")}
              onChange={(path) => set("ca", path === "" ? undefined : path)}
            />
            <div className={css.pair}>
              {number("parallel")}
              {number("rate")}
            </div>
          </Stack>
        </Collapse>
      </div>
    </Stack>
  );
}
