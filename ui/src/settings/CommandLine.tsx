/** Settings › Command line: where the program for the terminal is, and the first things to type. */
import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { Note } from "../shared/Note";
import { Section } from "./SettingRow";
import { Folder } from "./Storage";
import css from "./settings.module.css";

const examples = ["backstay backup --all", "backstay snapshots", "backstay runs --limit 5", "backstay --help"];
const completions = [
  "backstay completions bash > ~/.local/share/bash-completion/completions/backstay",
  "backstay completions zsh > ~/.zfunc/_backstay",
  "backstay completions fish > ~/.config/fish/completions/backstay.fish",
];

function Lines({ lines, label }: { lines: string[]; label: string }) {
  const { t } = useTranslation();
  return (
    <ul className={css.commands} aria-label={label}>
      {lines.map((line) => (
        <li key={line}>
          <code>{line}</code>
          <CopyButton value={line}>
            {({ copied, copy }) => (
              <ActionIcon
                size="1.625rem"
                aria-label={copied ? t("common:action.copied") : t("settings:cli.copy", { line })}
                onClick={copy}
              >
                {copied ? <IconCheck size="1rem" /> : <IconCopy size="1rem" />}
              </ActionIcon>
            )}
          </CopyButton>
        </li>
      ))}
    </ul>
  );
}

/** The section. */
export function CommandLine() {
  const { t } = useTranslation();
  const about = useCall("about", {}, { silent: true });
  const program = useQuery<string | null>({
    queryKey: ["shell.commandLine"],
    queryFn: () => platform().shell("shell.commandLine", {}),
  });
  // A state directory elsewhere has to be named to the other program.
  const first = about.data ? [`backstay --home ${JSON.stringify(about.data.home)} source list`] : [];
  return (
    <>
      <Section title={t("settings:section.cli")}>
        <p className="quiet">{t("settings:cli.line")}</p>
        {program.data ? (
          <Folder id="program" title={t("settings:cli.where")} line={t("settings:cli.whereLine")} path={program.data} />
        ) : (
          program.isFetched && <Note title={t("settings:cli.notFound")}>{t("settings:cli.notFoundLine")}</Note>
        )}
      </Section>
      <Section title={t("settings:cli.examples")}>
        <Lines lines={[...first, ...examples]} label={t("settings:cli.examples")} />
      </Section>
      <Section title={t("settings:cli.completions")}>
        <p className="note">{t("settings:cli.completionsLine")}</p>
        <Lines lines={completions} label={t("settings:cli.completions")} />
      </Section>
    </>
  );
}
