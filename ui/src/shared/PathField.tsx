/** A path that can be typed, with a button that lets one choose it. */
import { Button, TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import css from "./PathField.module.css";

/** A path and how it is chosen. */
export interface PathFieldProps extends Omit<TextInputProps, "value" | "onChange"> {
  value: string;
  onChange: (path: string) => void;
  /** A folder, a file that exists, either of them, or a file to make. */
  choose: "folder" | "file" | "any" | "save";
  /** Title of the dialog; by what is chosen otherwise. */
  dialogTitle?: string;
  /** Without dots; for files. */
  extensions?: string[];
  /** Name to start from; for files to make. */
  suggested?: string;
}

/** Text and button. */
export function PathField({ value, onChange, choose, dialogTitle, extensions, suggested, ...rest }: PathFieldProps) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState(false);
  const ask = (what: "folder" | "file" | "save") => {
    const title = dialogTitle ?? t(what === "folder" ? "common:path.chooseFolder" : "common:path.chooseFile");
    if (what === "folder") {
      return platform().shell("shell.pickFolder", { title });
    }
    return what === "file"
      ? platform().shell("shell.pickFile", { title, ...(extensions ? { extensions } : {}) })
      : platform().shell("shell.saveFile", { title, suggested: suggested ?? value });
  };
  const open = async (what: "folder" | "file" | "save") => {
    setChoosing(true);
    try {
      const path = await ask(what);
      if (path) {
        onChange(path);
      }
    } catch {
      // Without a dialog the field still takes what is typed.
    } finally {
      setChoosing(false);
    }
  };
  return (
    <div className={css.row}>
      <TextInput
        {...rest}
        className={css.field ?? ""}
        classNames={{ input: "mono" }}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
      />
      {(choose === "any" ? (["file", "folder"] as const) : [choose]).map((what) => (
        <Button
          key={what}
          className={css.button ?? ""}
          data-below-label={rest.label ? true : undefined}
          loading={choosing}
          onClick={() => void open(what)}
          disabled={rest.disabled ?? false}
        >
          {t(choose === "any" ? `common:path.${what as "file" | "folder"}` : "common:path.choose")}
        </Button>
      ))}
    </div>
  );
}
