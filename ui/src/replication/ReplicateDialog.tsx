/** A new replication: from which database, into which, once or for ever, what of it, and who moves the data. */
import { Autocomplete, Button, Group, Modal, Radio, Select, Stack, Switch, TagsInput, Textarea } from "@mantine/core";
import { useState } from "react";
import { asError, type BackstayError, call, type ReplicationStartRequest, startJob, useCall, type Via } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { announce } from "../shared/live";
import css from "./replication.module.css";

const ways: readonly Via[] = ["auto", "here", "server"];

/** What the dialog needs. */
export interface ReplicateDialogProps {
  source: string;
  kind: string;
  opened: boolean;
  onClose: () => void;
}

/** Databases of a source, for choosing. */
function useDatabases(source: string, enabled: boolean): string[] {
  const probe = useCall("source.probe", { name: source }, { enabled, silent: true, topics: [] });
  return probe.data?.probe.parts.map((part) => part.name) ?? [];
}

function isSelector(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The form. */
function Form({ source, kind, onClose }: Omit<ReplicateDialogProps, "opened">) {
  const { t } = useTranslation();
  const sources = useCall("source.list", {}, { silent: true });
  const others = sources.data?.sources.filter((one) => one.kind === kind).map((one) => one.name) ?? [source];
  const [from, setFrom] = useState("");
  const [target, setTarget] = useState(source);
  const [to, setTo] = useState("");
  const [continuous, setContinuous] = useState(false);
  const [create, setCreate] = useState(true);
  const [filter, setFilter] = useState<"all" | "ids" | "selector">("all");
  const [ids, setIds] = useState<string[]>([]);
  const [selector, setSelector] = useState("");
  const [via, setVia] = useState<Via>("auto");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const here = useDatabases(source, true);
  const there = useDatabases(target, target !== source);
  const badSelector = filter === "selector" && selector.trim() !== "" && !isSelector(selector);
  const same = source === target && from === to && to !== "";
  const ready =
    from !== "" &&
    to !== "" &&
    !same &&
    !badSelector &&
    (filter !== "ids" || ids.length > 0) &&
    (filter !== "selector" || selector.trim() !== "");
  const start = async () => {
    const request: ReplicationStartRequest = {
      from: { source, collection: from },
      to: { source: target, collection: to },
      what: {
        continuous,
        ids: filter === "ids" ? ids : [],
        selector: filter === "selector" ? selector.trim() : null,
        via,
        createTarget: create,
      },
    };
    setBusy(true);
    setError(null);
    try {
      // One that ends is a job like a backup; a continuous one is only set up here.
      if (continuous) {
        await call("replication.start", request);
      } else {
        await startJob("replication.start", request);
      }
      announce(t("replication:started"));
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Autocomplete
        required
        label={t("replication:from", { source })}
        data={here}
        limit={50}
        value={from}
        onChange={(next) => {
          setTo((now) => (now === "" || now === from ? next : now));
          setFrom(next);
        }}
      />
      <div className={css.pair}>
        <Select
          label={t("replication:target")}
          data={others}
          value={target}
          allowDeselect={false}
          onChange={(next) => setTarget(next ?? source)}
        />
        <Autocomplete
          required
          label={t("replication:to")}
          data={target === source ? here : there}
          limit={50}
          value={to}
          error={same ? t("replication:same") : undefined}
          onChange={setTo}
        />
      </div>
      <Switch
        label={t("replication:create")}
        checked={create}
        onChange={(event) => setCreate(event.currentTarget.checked)}
      />
      <Switch
        label={t("replication:continuous")}
        description={t("replication:continuousHelp")}
        checked={continuous}
        onChange={(event) => setContinuous(event.currentTarget.checked)}
      />
      <Radio.Group label={t("replication:filter")} value={filter} onChange={(next) => setFilter(next as typeof filter)}>
        <Group gap="md" mt="xs">
          {(["all", "ids", "selector"] as const).map((one) => (
            <Radio key={one} value={one} label={t(`replication:filters.${one}`)} />
          ))}
        </Group>
      </Radio.Group>
      {filter === "ids" && (
        <TagsInput label={t("replication:ids")} description={t("replication:idsHelp")} value={ids} onChange={setIds} />
      )}
      {filter === "selector" && (
        <Textarea
          autosize
          minRows={2}
          label={t("replication:selector")}
          description={'{"type": "invoice", "total": {"$gt": 100}}'}
          value={selector}
          error={badSelector ? t("replication:badSelector") : undefined}
          onChange={(event) => setSelector(event.currentTarget.value)}
        />
      )}
      <Radio.Group label={t("replication:via")} value={via} onChange={(next) => setVia(next as Via)}>
        <Stack gap="xs" mt="xs">
          {ways.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`replication:ways.${one}`)}
              description={t(`replication:waysHelp.${one}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button variant="filled" loading={busy} disabled={!ready} onClick={() => void start()}>
          {t("replication:start")}
        </Button>
      </Group>
    </Stack>
  );
}

/** The dialog; it begins anew each time. */
export function ReplicateDialog({ opened, onClose, ...form }: ReplicateDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("replication:new")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {opened && <Form {...form} onClose={onClose} />}
    </Modal>
  );
}
