/** Which databases: all and new ones, by pattern, or the ticked ones. */
import { Radio, Stack, TagsInput } from "@mantine/core";
import { useState } from "react";
import type { ProbePart } from "../../api";
import { useTranslation } from "../../i18n";
import type { Options } from "../OptionsForm";
import { type Choice, choiceOf, isChosen, leaving, named, takes, taking, takingAll } from "./chosen";
import css from "./couch.module.css";
import { DatabaseList } from "./DatabaseList";

/** What the choice needs. */
export interface DatabaseChoiceProps {
  value: Options;
  onChange: (value: Options) => void;
  /** The databases of the server, as far as they are known. */
  parts: ProbePart[] | undefined;
}

const choices: readonly Choice[] = ["all", "pattern", "these"];

/** Three ways, and the list. */
export function DatabaseChoice({ value, onChange, parts }: DatabaseChoiceProps) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState<Choice>(choiceOf(value));
  const { take, leave } = named(value);
  const change = (next: Choice) => {
    setChoice(next);
    // Patterns are no databases to tick, and ticked ones no patterns.
    const keep = next === "these" ? take.filter((name) => !name.includes("*")) : next === "pattern" ? take : [];
    const rest = next === "these" ? leaving(value, []) : value;
    onChange(next === "all" ? takingAll(rest) : taking(rest, keep));
  };
  const tick = (names: string[], ticked: boolean) => {
    const changed = new Set(names);
    const others = take.filter((name) => !changed.has(name));
    onChange(taking(value, ticked ? [...others, ...names].sort() : others));
  };
  const tags = (name: "take" | "leave", list: string[], set: (names: string[]) => Options) => (
    <TagsInput
      label={t(`sources:couch.${name}`)}
      description={t(`sources:couch.${name}Help`)}
      inputWrapperOrder={["label", "input", "description", "error"]}
      placeholder={list.length === 0 ? t("sources:couch.patternExample") : ""}
      value={list}
      onChange={(next) => onChange(set(next))}
    />
  );
  return (
    <section className={css.section}>
      <h2 id="couch-databases">{t("sources:couch.databases")}</h2>
      <Stack gap="md">
        <Radio.Group value={choice} onChange={(next) => change(next as Choice)} aria-labelledby="couch-databases">
          <Stack gap="xs">
            {choices.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`sources:couch.choice.${one}`)}
                description={t(`sources:couch.choiceHelp.${one}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {choice === "pattern" && tags("take", take, (next) => taking(value, next))}
        {choice !== "these" && tags("leave", leave, (next) => leaving(value, next))}
        {!isChosen(value) && (
          <p className="note" role="status">
            {t("sources:couch.noneChosen")}
          </p>
        )}
        {parts ? (
          <DatabaseList
            parts={parts}
            isTaken={(name) => (choice === "these" ? take.includes(name) : takes(value, name))}
            onTick={choice === "these" ? tick : undefined}
          />
        ) : choice === "these" ? (
          tags("take", take, (next) => taking(value, next))
        ) : (
          <p className="note">{t("sources:couch.listLater")}</p>
        )}
      </Stack>
    </section>
  );
}
