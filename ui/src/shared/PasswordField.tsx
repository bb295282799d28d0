/** A new password: shown or hidden, how hard it is to guess, and typed twice. */
import { PasswordInput, Progress } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "../i18n";
import css from "./PasswordField.module.css";

/** A new password and its repetition. */
export interface PasswordFieldProps {
  value: string;
  onChange: (password: string) => void;
  /** The repetition; without it, it is not asked for. */
  repeat?: string;
  onRepeat?: (password: string) => void;
  label?: string;
  placeholder?: string;
  required?: boolean;
  /** Without the bar that says how hard it is to guess: for secrets that somebody else made (tokens). */
  given?: boolean;
  description?: string;
  error?: string | undefined;
  /** Has the focus when its dialog opens. */
  first?: boolean;
}

/** How hard a password is to guess, 0 to 4. The lists it needs are fetched with the first password. */
export async function strength(password: string): Promise<number> {
  const [core, common] = await Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]);
  const judge = new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
  // Longer ones cost time to judge and are strong by their length alone.
  return judge.check(password.slice(0, 100)).score;
}

const colors = ["failed", "failed", "partial", "complete", "complete"];

function Strength({ password }: { password: string }) {
  const { t } = useTranslation();
  const [score, setScore] = useState<number | null>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      void strength(password).then((found) => current && setScore(found));
    }, 150);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [password]);
  if (score === null) {
    return <div className={css.strength} />;
  }
  const words = t("common:password.strength", { word: t(`common:password.strength${score as 0}`) });
  return (
    <div className={css.strength}>
      <Progress value={(score + 1) * 20} color={`var(--bs-${colors[score]}-mark)`} size={4} aria-label={words} />
      <span className="note" role="status">
        {words}
      </span>
    </div>
  );
}

/** One or two fields. */
export function PasswordField(props: PasswordFieldProps) {
  const { value, onChange, repeat, onRepeat, label, placeholder, required, given, description, error, first } = props;
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const toggle = { visible: shown, onVisibilityChange: setShown };
  const button = { "aria-label": t(shown ? "common:password.hide" : "common:password.show"), "aria-pressed": shown };
  const differs = repeat !== undefined && repeat !== "" && repeat !== value;
  return (
    <div className={css.fields}>
      <PasswordInput
        label={label ?? t("common:password.label")}
        description={description}
        error={error}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="new-password"
        visibilityToggleButtonProps={button}
        {...(placeholder ? { placeholder } : {})}
        {...(required ? { required } : {})}
        {...(first ? { "data-autofocus": true } : {})}
        {...toggle}
      />
      {!given && value !== "" && <Strength password={value} />}
      {onRepeat && (
        <PasswordInput
          label={t("common:password.repeat")}
          value={repeat ?? ""}
          onChange={(event) => onRepeat(event.currentTarget.value)}
          error={differs ? t("common:password.differs") : undefined}
          autoComplete="new-password"
          visibilityToggleButtonProps={button}
          {...toggle}
        />
      )}
    </div>
  );
}
