/** A cron line: what it says in words, or which of its fields is wrong. */
import { TextInput } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "../i18n";
import { type CronProblem, cronProblem, cronWords } from "./cron";
import css from "./fields.module.css";

function problemWords(problem: CronProblem, t: TFunction): string {
  return "found" in problem
    ? t("plans:cron.fieldCount", { count: problem.found, n: problem.found })
    : t(`plans:cron.${problem.field}`);
}

/** The line. `error` is what the engine found wrong. */
export function CronField({
  expression,
  error,
  onChange,
}: {
  expression: string;
  error?: string | undefined;
  onChange: (line: string) => void;
}) {
  const { t } = useTranslation();
  const problem = cronProblem(expression);
  const words = problem ? undefined : cronWords(expression);
  return (
    <TextInput
      className={css.cron ?? ""}
      label={t("plans:field.cron")}
      description={t("plans:cron.order")}
      classNames={{ input: "mono" }}
      spellCheck={false}
      autoComplete="off"
      value={expression}
      error={problem ? problemWords(problem, t) : error}
      inputContainer={(input) => (
        <>
          {input}
          {words && !error && <span className={css.cronWords}>{words}</span>}
        </>
      )}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
