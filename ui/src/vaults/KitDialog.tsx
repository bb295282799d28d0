/**
 * The recovery kit: words shown once, printed or saved, and two of them typed back. Until then the kit does not count, and
 * *Later* takes its key out of the vault again.
 */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { IconDownload, IconPrinter } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { asError, type BackstayError, call, type KitBeginReply } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { Loading } from "../shared/ListStates";
import { announce } from "../shared/live";
import { Note } from "../shared/Note";
import css from "./KitDialog.module.css";

/** Which vault, and what follows. */
export interface KitDialogProps {
  vault: string;
  opened: boolean;
  /** Just typed for a new vault: without a keychain it would be asked for again at once. */
  password?: string | undefined;
  /** Called with whether the kit was confirmed. */
  onClose: (confirmed: boolean) => void;
}

/** Opens the vault of a call, where the password is at hand. */
function opener(password: string | undefined): { password?: string } {
  return password ? { password } : {};
}

/** Begins a kit when the dialog opens; gives it up when it closes unconfirmed. */
function useKit(vault: string, opened: boolean, password: string | undefined) {
  const [kit, setKit] = useState<KitBeginReply | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const [tries, setTries] = useState(0);
  const begun = useRef<string | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try begins anew
  useEffect(() => {
    if (!opened) {
      return;
    }
    let current = true;
    setKit(null);
    setError(null);
    call("kit.begin", { name: vault }, opener(password)).then(
      (reply) => {
        if (current) {
          begun.current = reply.kit;
          setKit(reply);
        } else {
          void call("kit.cancel", { kit: reply.kit }, { ...opener(password), silent: true }).catch(() => undefined);
        }
      },
      (thrown) => current && setError(asError(thrown)),
    );
    return () => {
      current = false;
      if (begun.current) {
        void call("kit.cancel", { kit: begun.current }, { ...opener(password), silent: true }).catch(() => undefined);
        begun.current = undefined;
      }
    };
  }, [vault, opened, tries]);
  return {
    kit,
    error,
    retry: () => setTries(tries + 1),
    /** It counts now: nothing is to be taken back. */
    settle: () => {
      begun.current = undefined;
    },
  };
}

function Words({ words, hidden }: { words: string[]; hidden: boolean }) {
  const { t } = useTranslation();
  return (
    <ol className={css.words} aria-label={t("vaults:kit.words")} data-hidden={hidden || undefined}>
      {words.map((word, index) => (
        <li key={`${index}-${word}`}>
          <span className={css.number} aria-hidden>
            {index + 1}
          </span>
          <span className="mono">{hidden ? "••••••" : word}</span>
        </li>
      ))}
    </ol>
  );
}

function Body({
  vault,
  kit,
  password,
  onDone,
  onLater,
}: {
  vault: string;
  kit: KitBeginReply;
  password: string | undefined;
  onDone: () => void;
  onLater: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [typed, setTyped] = useState<string[]>(kit.ask.map(() => ""));
  const [typing, setTyping] = useState(false);
  const [busy, setBusy] = useState<"print" | "save" | "confirm" | null>(null);
  const [error, setError] = useState<BackstayError | null>(null);
  const [wrong, setWrong] = useState(false);
  const [paper, setPaper] = useState<string | null>(null);
  const run = async (what: "print" | "save" | "confirm", act: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    try {
      await act();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(null);
    }
  };
  const print = () =>
    run("print", async () => {
      const { path } = await call("kit.write", { kit: kit.kit }, opener(password));
      await platform().shell("shell.print", { path });
      setPaper(t("vaults:kit.printed"));
    });
  const save = () =>
    run("save", async () => {
      const suggested = `${t("vaults:kit.file", { name: vault })}.html`;
      const chosen = await platform().shell("shell.saveFile", { title: t("vaults:kit.saveTitle"), suggested });
      if (chosen) {
        const { path } = await call("kit.write", { kit: kit.kit, path: chosen }, opener(password));
        setPaper(t("vaults:kit.saved", { path }));
      }
    });
  const confirm = () =>
    run("confirm", async () => {
      const words = typed.map((word) => word.trim().toLowerCase());
      const { confirmed } = await call("kit.confirm", { kit: kit.kit, words }, opener(password));
      setWrong(!confirmed);
      if (confirmed) {
        announce(t("vaults:kit.confirmed", { name: vault }));
        onDone();
      }
    });
  const complete = typed.every((word) => word.trim() !== "");
  return (
    <form
      className={css.body}
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) {
          void confirm();
        }
      }}
    >
      <p className="quiet">{t("vaults:kit.how")}</p>
      <Words words={kit.words} hidden={typing} />
      <fieldset className={css.ask}>
        <legend>
          <span className="strong">
            {t("vaults:kit.type", {
              words: new Intl.ListFormat(i18n.language).format(
                kit.ask.map((number) => t("vaults:kit.word", { number })),
              ),
            })}
          </span>{" "}
          <span className="quiet">{t("vaults:kit.hide")}</span>
        </legend>
        <div className={css.fields}>
          {kit.ask.map((number, index) => (
            <TextInput
              key={number}
              aria-label={t("vaults:kit.wordLabel", { number })}
              placeholder={t("vaults:kit.wordLabel", { number })}
              value={typed[index] ?? ""}
              error={wrong}
              onFocus={() => setTyping(true)}
              onBlur={() => setTyping(false)}
              onChange={(event) => {
                const text = event.currentTarget.value;
                setWrong(false);
                setTyped(typed.map((word, at) => (at === index ? text : word)));
              }}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
          ))}
        </div>
        {wrong && (
          <div className={css.wrong} role="alert">
            {t("vaults:kit.wrong")}
          </div>
        )}
      </fieldset>
      {error && <ErrorNote error={error} tight />}
      <Note status="partial">
        {t("vaults:kit.whoever")}
        {paper && <div role="status">{paper}</div>}
      </Note>
      <Group gap="sm" mt="xs">
        <Button
          data-autofocus
          leftSection={<IconPrinter size="1rem" stroke={1.7} />}
          loading={busy === "print"}
          onClick={() => void print()}
        >
          {t("vaults:kit.print")}
        </Button>
        <Button
          leftSection={<IconDownload size="1rem" stroke={1.7} />}
          loading={busy === "save"}
          onClick={() => void save()}
        >
          {t("vaults:kit.save")}
        </Button>
        <Button ml="auto" onClick={onLater}>
          {t("vaults:kit.later")}
        </Button>
        <Button variant="filled" type="submit" disabled={!complete} loading={busy === "confirm"}>
          {t("vaults:kit.done")}
        </Button>
      </Group>
    </form>
  );
}

/** The dialog. */
export function KitDialog({ vault, opened, password, onClose }: KitDialogProps) {
  const { t } = useTranslation();
  const { kit, error, retry, settle } = useKit(vault, opened, password);
  const later = () => onClose(false);
  return (
    <Modal
      opened={opened}
      onClose={later}
      size="38.75rem"
      title={t("vaults:kit.title", { name: vault })}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {error ? (
        <ErrorNote error={error} onRetry={retry} actions={<Button onClick={later}>{t("vaults:kit.later")}</Button>} />
      ) : kit ? (
        <Body
          vault={vault}
          kit={kit}
          password={password}
          onLater={later}
          onDone={() => {
            settle();
            onClose(true);
          }}
        />
      ) : (
        <Loading rows={3} what={t("vaults:kit.making")} />
      )}
    </Modal>
  );
}
