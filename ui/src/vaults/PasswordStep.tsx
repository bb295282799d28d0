/** The password of a new vault: chosen and typed twice, or made by chance; and whether this computer remembers the key. */
import { Button, Checkbox, CopyButton, Group, Stack } from "@mantine/core";
import { IconCopy, IconDice5 } from "@tabler/icons-react";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { Note } from "../shared/Note";
import { PasswordField } from "../shared/PasswordField";
import { randomPassword } from "./randomPassword";

/** A password as it was typed. */
export interface Chosen {
  password: string;
  repeat: string;
  remember: boolean;
  /** Made here, not typed. */
  generated: boolean;
}

/** Nothing typed yet. */
export const noPassword: Chosen = { password: "", repeat: "", remember: true, generated: false };

/** Whether it can be used. */
export function passwordIsComplete({ password, repeat }: Chosen): boolean {
  return password.length > 0 && password === repeat;
}

/** The fields. */
export function PasswordStep({ value, onChange }: { value: Chosen; onChange: (value: Chosen) => void }) {
  const { t } = useTranslation();
  const about = useCall("about", {}, { silent: true });
  const problem = about.data?.secretsProblem;
  const generate = () => {
    const password = randomPassword();
    onChange({ ...value, password, repeat: password, generated: true });
  };
  return (
    <Stack gap="lg">
      <PasswordField
        label={t("vaults:password.label")}
        description={t("vaults:password.help")}
        value={value.password}
        repeat={value.repeat}
        onChange={(password) => onChange({ ...value, password, generated: false })}
        onRepeat={(repeat) => onChange({ ...value, repeat })}
      />
      <Group gap="sm">
        <Button leftSection={<IconDice5 size="1rem" stroke={1.7} />} onClick={generate}>
          {t("vaults:password.generate")}
        </Button>
        {value.generated && (
          <CopyButton value={value.password}>
            {({ copied, copy }) => (
              <Button variant="subtle" leftSection={<IconCopy size="1rem" stroke={1.7} />} onClick={copy}>
                {t(copied ? "common:action.copied" : "vaults:password.copy")}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {value.generated && (
        <p>
          <code>{value.password}</code> <span className="quiet">{t("vaults:password.generated")}</span>
        </p>
      )}
      <Checkbox
        label={t("vaults:password.remember")}
        description={problem ? undefined : t("vaults:password.rememberHelp")}
        checked={value.remember}
        onChange={(event) => onChange({ ...value, remember: event.currentTarget.checked })}
      />
      {problem && value.remember && (
        <Note status="partial" title={t("vaults:password.noKeychain")}>
          {problem}
        </Note>
      )}
    </Stack>
  );
}
