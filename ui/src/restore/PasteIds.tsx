/** Ids somebody has as text: one a line. Those that are not in the backup are named; the others are ticked. */
import { Button, Group, Modal, Select, Textarea } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError, call, type SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import type { Content } from "./useContent";

const AT_ONCE = 8;
const MOST = 5000;
const NAMED = 20;

/** `COLLECTION/ID` as it is; a plain id belongs to the chosen collection. */
export function wordOf(line: string, content: Content, collection: string | null): string {
  const known =
    line === "files" ||
    line.startsWith("files/") ||
    content.collections.some(({ name }) => line === name || line.startsWith(`${name}/`));
  return known || !collection ? line : `${collection}/${line}`;
}

async function exists(at: SnapshotRef, word: string, content: Content): Promise<boolean> {
  try {
    if (word === "files" || content.collections.some(({ name }) => name === word)) {
      return true;
    }
    if (word.startsWith("files/")) {
      const path = word.slice(6);
      const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
      const { entries } = await call("browse.folder", { at, path: parent, limit: 10_000 });
      return entries.some((entry) => entry.path === path);
    }
    const owners = content.collections.filter(({ name }) => word.startsWith(`${name}/`));
    const owner = owners.sort((one, other) => other.name.length - one.name.length)[0];
    if (!owner) {
      return false;
    }
    await call("record.get", { at, collection: owner.name, id: word.slice(owner.name.length + 1) });
    return true;
  } catch (thrown) {
    if (["notFound", "usage"].includes(asError(thrown).code)) {
      return false;
    }
    throw thrown;
  }
}

/** Which words are not in the backup. */
async function unknownOf(at: SnapshotRef, words: string[], content: Content): Promise<string[]> {
  const unknown: string[] = [];
  for (let from = 0; from < words.length; from += AT_ONCE) {
    const some = words.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((word) => exists(at, word, content)));
    unknown.push(...some.filter((_, index) => !found[index]));
  }
  return unknown;
}

/** The dialog. */
export function PasteIds(props: {
  opened: boolean;
  at: SnapshotRef;
  content: Content;
  onWords: (words: string[]) => void;
  onClose: () => void;
}) {
  const { opened, at, content, onWords, onClose } = props;
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [collection, setCollection] = useState<string | null>(
    content.collections.length === 1 ? (content.collections[0]?.name ?? null) : null,
  );
  const [unknown, setUnknown] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const lines = [
    ...new Set(
      text
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    ),
  ];
  const tooMany = lines.length > MOST;
  const take = async () => {
    setBusy(true);
    setError(null);
    try {
      const words = lines.map((line) => wordOf(line, content, collection));
      const missing = await unknownOf(at, words, content);
      const found = words.filter((word) => !missing.includes(word));
      if (found.length > 0) {
        onWords(found);
      }
      setUnknown(missing);
      if (missing.length === 0) {
        setText("");
        onClose();
      } else {
        setText(lines.filter((line) => missing.includes(wordOf(line, content, collection))).join("\n"));
      }
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("restore:ids.title")}
      size="34rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {content.collections.length > 0 && (
        <Select
          mb="sm"
          label={t("restore:ids.collection")}
          description={t("restore:ids.collectionLine")}
          data={content.collections.map(({ name, title }) => ({ value: name, label: title ?? name }))}
          value={collection}
          onChange={setCollection}
          clearable
          searchable
        />
      )}
      <Textarea
        data-autofocus
        label={t("restore:ids.label")}
        description={t("restore:ids.line")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        minRows={6}
        maxRows={14}
        autosize
        spellCheck={false}
        classNames={{ input: "mono" }}
        error={tooMany ? t("restore:ids.tooMany", { n: count(MOST) }) : undefined}
      />
      {unknown.length > 0 && (
        <Note status="partial" title={t("restore:ids.unknown", { count: unknown.length, n: count(unknown.length) })}>
          <span className="mono">{unknown.slice(0, NAMED).join(", ")}</span>
          {unknown.length > NAMED &&
            ` ${t("restore:moreGaps", { count: unknown.length - NAMED, n: count(unknown.length - NAMED) })}`}
        </Note>
      )}
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button variant="filled" onClick={() => void take()} loading={busy} disabled={lines.length === 0 || tooMany}>
          {t("restore:ids.take", { count: lines.length, n: count(lines.length) })}
        </Button>
      </Group>
    </Modal>
  );
}
