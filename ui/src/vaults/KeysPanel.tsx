/** The keys of a vault: who may open it. Add one, remove one, change the password. */
import { ActionIcon, Button, Group, Menu, Modal, PasswordInput, Stack } from "@mantine/core";
import { IconDots, IconKey, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { asError, type BackstayError, call, type KeyRow, useCall, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { moment } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { announce } from "../shared/live";
import { PasswordField } from "../shared/PasswordField";
import { useNow } from "../shared/useNow";
import css from "./panels.module.css";

type Asking = "add" | "password" | null;

/** Asks for a new password and, to change one, for the old. */
function PasswordDialog({ vault, asking, onClose }: { vault: string; asking: Asking; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [repeat, setRepeat] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const close = () => {
    setOld("");
    setFresh("");
    setRepeat("");
    setError(null);
    onClose();
  };
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const secrets = { newPassword: fresh, ...(old ? { password: old } : {}) };
      if (asking === "password") {
        await call("vault.password", { name: vault }, { ...secrets, silent: true });
      } else {
        await call("vault.keyAdd", { name: vault }, secrets);
      }
      await refresh(["vaults"]);
      announce(t(asking === "password" ? "vaults:keys.changed" : "vaults:keys.added", { name: vault }));
      close();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const ready = fresh !== "" && fresh === repeat && (asking !== "password" || old !== "");
  return (
    <Modal
      opened={asking !== null}
      onClose={close}
      title={t(asking === "password" ? "vaults:keys.changeTitle" : "vaults:keys.addTitle", { name: vault })}
      size="30rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) {
            void save();
          }
        }}
      >
        <Stack gap="lg">
          <p className="quiet">{t(asking === "password" ? "vaults:keys.changeText" : "vaults:keys.addText")}</p>
          {asking === "password" && (
            <PasswordInput
              required
              data-autofocus
              label={t("vaults:keys.old")}
              value={old}
              onChange={(event) => setOld(event.currentTarget.value)}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ "aria-label": t("common:password.show") }}
            />
          )}
          <PasswordField
            label={t("vaults:keys.new")}
            value={fresh}
            onChange={setFresh}
            repeat={repeat}
            onRepeat={setRepeat}
          />
          {error && (
            <ErrorNote
              error={error}
              tight
              {...(error.code === "auth" ? { title: t("vaults:open.wrongPassword") } : {})}
            />
          )}
          <Group justify="flex-end" gap="sm">
            <Button onClick={close}>{t("common:action.cancel")}</Button>
            <Button type="submit" variant="filled" disabled={!ready} loading={busy}>
              {t(asking === "password" ? "vaults:keys.change" : "vaults:keys.add")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What a key is called: recovery kits by what they are, others by who made them. */
function useKeyName(): (key: KeyRow) => string {
  const { t } = useTranslation();
  return (key) => (/^recovery[- ]kit/.test(key.user) ? t("vaults:kit.panel") : key.user || key.id.slice(0, 8));
}

/** The panel on the page of a vault. */
export function KeysPanel({ vault }: { vault: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const refresh = useRefresh();
  const query = useCall("vault.keys", { name: vault }, { silent: true });
  const keyName = useKeyName();
  const [asking, setAsking] = useState<Asking>(null);
  const [removing, setRemoving] = useState<KeyRow | null>(null);
  return (
    <section className={`card ${css.panel}`} aria-labelledby="keys-title">
      <div className={css.head}>
        <h2 id="keys-title">{t("vaults:keys.title")}</h2>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size="0.9375rem" />}
          disabled={!query.data}
          onClick={() => setAsking("add")}
        >
          {t("vaults:keys.addShort")}
        </Button>
      </div>
      <ListStates query={query} rows={2} what={t("vaults:keys.loading")}>
        {({ keys }) => (
          <ul className={css.rows}>
            {keys.map((key) => (
              <li key={key.id}>
                <IconKey size="1rem" stroke={1.6} aria-hidden />
                <div className={css.grow}>
                  <div className="strong">{keyName(key)}</div>
                  <div className="note">
                    {[
                      key.host,
                      key.created ? t("vaults:keys.made", { time: moment(key.created, now) }) : "",
                      key.inUse ? t("vaults:keys.inUse") : "",
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </div>
                </div>
                <Menu position="bottom-end">
                  <Menu.Target>
                    <ActionIcon aria-label={t("vaults:keys.more", { name: `${keyName(key)} ${key.id.slice(0, 8)}` })}>
                      <IconDots size="1rem" />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => setAsking("password")}>{t("vaults:keys.changeItem")}</Menu.Item>
                    <Menu.Item disabled={keys.length < 2} onClick={() => setRemoving(key)}>
                      {t("vaults:keys.removeItem")}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </li>
            ))}
          </ul>
        )}
      </ListStates>
      <PasswordDialog vault={vault} asking={asking} onClose={() => setAsking(null)} />
      <ConfirmDialog
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={t("vaults:keys.removeTitle", { name: removing ? keyName(removing) : "" })}
        confirmLabel={t("vaults:keys.removeYes")}
        cancelLabel={t("vaults:keys.removeNo")}
        onConfirm={async () => {
          if (removing) {
            await call("vault.keyRemove", { name: vault, key: removing.id });
            await refresh(["vaults"]);
          }
        }}
      >
        {t("vaults:keys.removeText", { host: removing?.host ?? "" })}
      </ConfirmDialog>
    </section>
  );
}
