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
  /** A folder, a file that exists, or a file to make. */
  choose: "folder" | "file" | "save";
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
  const title = dialogTitle ?? t(choose === "folder" ? "common:path.chooseFolder" : "common:path.chooseFile");
  const ask = () => {
    if (choose === "folder") {
      return platform().shell("shell.pickFolder", { title });
    }
    return choose === "file"
      ? platform().shell("shell.pickFile", { title, ...(extensions ? { extensions } : {}) })
      : platform().shell("shell.saveFile", { title, suggested: suggested ?? value });
  };
  const open = async () => {
    setChoosing(true);
    try {
      const path = await ask();
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
      <Button
        className={css.button ?? ""}
        data-below-label={rest.label ? true : undefined}
        loading={choosing}
        onClick={() => void open()}
        disabled={rest.disabled ?? false}
      >
        {t("common:path.choose")}
      </Button>
    </div>
  );
}
