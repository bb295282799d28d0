/** Settings › Command line: where the program for the terminal is, and the first things to type. */
import { useQuery } from "@tanstack/react-query";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { Note } from "../shared/Note";
import { CopyLines } from "./CopyLines";
import { Section } from "./SettingRow";
import { Folder } from "./Storage";

const examples = ["backstay backup --all", "backstay snapshots", "backstay runs --limit 5", "backstay --help"];
const completions = [
  "backstay completions bash > ~/.local/share/bash-completion/completions/backstay",
  "backstay completions zsh > ~/.zfunc/_backstay",
  "backstay completions fish > ~/.config/fish/completions/backstay.fish",
];

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
        <CopyLines lines={[...first, ...examples]} label={t("settings:cli.examples")} />
      </Section>
      <Section title={t("settings:cli.completions")}>
        <p className="note">{t("settings:cli.completionsLine")}</p>
        <CopyLines lines={completions} label={t("settings:cli.completions")} />
      </Section>
    </>
  );
}
