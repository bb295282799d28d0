/** How a restore writes, where its kind of source has a choice. Known choices have words of their own; others those of the engine. */
import { Radio, Select, Switch, TextInput } from "@mantine/core";
import type { OptionRow } from "../api";
import { useTranslation } from "../i18n";
import css from "./Choice.module.css";
import { undecided } from "./draft";
import { useWizard } from "./wizard";

const revisions = ["auto", "same", "new"] as const;

function Revisions({ value, choices, onChange }: { value: string; choices: string[]; onChange: (to: string) => void }) {
  const { t } = useTranslation();
  return (
    <Radio.Group label={t("restore:how.revisions")} value={value} onChange={onChange}>
      <div className={css.options}>
        {revisions
          .filter((one) => choices.includes(one))
          .map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`restore:how.${one}.title`)}
              description={t(`restore:how.${one}.line`)}
            />
          ))}
      </div>
    </Radio.Group>
  );
}

function Option({ option }: { option: OptionRow }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const { name, choices, flag, help } = option;
  const value = draft.options[name] ?? "";
  const set = (to: string) => {
    const { [name]: _, ...others } = draft.options;
    change({ options: to === "" ? others : { ...others, [name]: to }, ...undecided });
  };
  if (name === "revisions" && choices.includes("auto")) {
    return <Revisions value={value || "auto"} choices={choices} onChange={(to) => set(to === "auto" ? "" : to)} />;
  }
  if (flag) {
    const known = name === "tombstones";
    return (
      <Switch
        label={known ? t("restore:how.tombstones.title") : name}
        description={known ? t("restore:how.tombstones.line") : help}
        checked={value === "true"}
        onChange={(event) => set(event.currentTarget.checked ? "true" : "")}
      />
    );
  }
  if (choices.length > 0) {
    return (
      <Select
        label={name}
        description={help}
        data={choices}
        value={value || null}
        onChange={(to) => set(to ?? "")}
        clearable
      />
    );
  }
  return (
    <TextInput label={name} description={help} value={value} onChange={(event) => set(event.currentTarget.value)} />
  );
}

/** Nothing, where there is nothing to choose. */
export function HowFields({ options }: { options: OptionRow[] }) {
  const { t } = useTranslation();
  const open = options.filter(({ secret }) => !secret);
  if (open.length === 0) {
    return null;
  }
  return (
    <section className={`card ${css.panel}`} aria-label={t("restore:how.title")}>
      <h3>{t("restore:how.title")}</h3>
      {open.map((option) => (
        <Option key={option.name} option={option} />
      ))}
    </section>
  );
}
