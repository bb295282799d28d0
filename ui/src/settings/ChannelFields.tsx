/** The fields of a channel by its kind: where it leads, and its secret. */
import { Group, Input, NumberInput, SegmentedControl, Select, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "../i18n";
import { PasswordField } from "../shared/PasswordField";
import { type Draft, faults, ports } from "./channelWords";
import css from "./settings.module.css";

/** What the fields need. */
export interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

interface SecretProps extends FieldsProps {
  label: string;
  /** What to know about it beside where it is kept. */
  line?: string;
  exists: boolean;
  error?: string | undefined;
}

/** The field that is never filled in: it says that something is kept, not what. */
function Secret({ draft, change, label, line, exists, error }: SecretProps) {
  const { t } = useTranslation();
  const about = [line, t("settings:channel.kept"), exists ? t("settings:channel.keepIt") : ""];
  return (
    <PasswordField
      label={label}
      description={about.filter(Boolean).join(" ")}
      value={draft.secret}
      onChange={(secret) => change({ secret })}
      error={error}
      given
      {...(exists ? { placeholder: "••••••••" } : {})}
    />
  );
}

function Webhook(props: FieldsProps & { exists: boolean }) {
  const { t } = useTranslation();
  const { draft, change } = props;
  const wrong = faults(draft).url;
  return (
    <>
      <Secret
        {...props}
        label={t("settings:channel.url")}
        error={wrong ? t("settings:channel.urlMissing") : undefined}
      />
      <Input.Wrapper
        label={t("settings:channel.form")}
        description={t("settings:channel.formLine")}
        labelElement="div"
        className={css.formField ?? ""}
      >
        <SegmentedControl
          aria-label={t("settings:channel.form")}
          value={draft.slack ? "slack" : "json"}
          data={[
            { value: "json", label: t("settings:channel.json") },
            { value: "slack", label: t("settings:channel.slackForm") },
          ]}
          onChange={(value) => change({ slack: value === "slack" })}
        />
      </Input.Wrapper>
    </>
  );
}

function MailServer({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  // A port somebody typed stays; a usual one follows the protection.
  const protect = (security: string) =>
    change({
      security,
      ...(Object.values(ports).includes(draft.port) ? { port: ports[security] ?? draft.port } : {}),
    });
  return (
    <Group grow gap="sm" align="flex-start" preventGrowOverflow={false} className={css.three ?? ""}>
      <TextInput
        label={t("settings:channel.host")}
        value={draft.host}
        onChange={(event) => change({ host: event.currentTarget.value })}
        autoComplete="off"
      />
      <Select
        label={t("settings:channel.security")}
        allowDeselect={false}
        value={draft.security}
        data={Object.keys(ports).map((value) => ({ value, label: t(`settings:channel.${value}`) }))}
        onChange={(value) => value && protect(value)}
      />
      <NumberInput
        label={t("settings:channel.port")}
        min={1}
        max={65_535}
        allowDecimal={false}
        hideControls
        value={draft.port || ""}
        onChange={(value) => change({ port: Number(value) || 0 })}
      />
    </Group>
  );
}

function Mail(props: FieldsProps & { exists: boolean }) {
  const { t } = useTranslation();
  const { draft, change } = props;
  const wrong = faults(draft);
  return (
    <>
      <MailServer draft={draft} change={change} />
      {draft.security === "none" && <p className="note">{t("settings:channel.noneLine")}</p>}
      <TextInput
        label={t("settings:channel.user")}
        description={t("settings:channel.userLine")}
        value={draft.user}
        onChange={(event) => change({ user: event.currentTarget.value })}
        autoComplete="off"
      />
      {draft.user.trim() !== "" && <Secret {...props} label={t("settings:channel.password")} />}
      <TextInput
        label={t("settings:channel.from")}
        value={draft.from}
        onChange={(event) => change({ from: event.currentTarget.value })}
        error={wrong.from ? t("settings:channel.badMail") : undefined}
        autoComplete="off"
      />
      <TagsInput
        label={t("settings:channel.to")}
        description={t("settings:channel.toLine")}
        value={draft.to}
        onChange={(to) => change({ to })}
        error={wrong.to ? t("settings:channel.badMail") : undefined}
        splitChars={[",", ";", " "]}
        acceptValueOnBlur
      />
    </>
  );
}

function Command(props: FieldsProps & { exists: boolean }) {
  const { t } = useTranslation();
  const { draft, change } = props;
  return (
    <>
      <Secret {...props} label={t("settings:channel.command")} line={t("settings:channel.commandLine")} />
      <NumberInput
        label={t("settings:channel.seconds")}
        min={1}
        max={3600}
        allowDecimal={false}
        value={draft.seconds}
        onChange={(value) => change({ seconds: Number(value) || 1 })}
      />
    </>
  );
}

/** The fields. */
export function ChannelFields(props: FieldsProps & { exists: boolean }) {
  const { t } = useTranslation();
  const { draft } = props;
  switch (draft.kind) {
    case "webhook":
      return <Webhook {...props} />;
    case "mail":
      return <Mail {...props} />;
    case "command":
      return <Command {...props} />;
    case "heartbeat":
      return (
        <Secret
          {...props}
          label={t("settings:channel.url")}
          line={t("settings:channel.beatUrl")}
          error={faults(draft).url ? t("settings:channel.urlMissing") : undefined}
        />
      );
  }
}
