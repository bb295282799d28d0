/** Settings of one source: its name, where it goes, what its connector asks for, and the way to stop protecting it. */
import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { call, type SourceHealth, useAct, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { count } from "../../i18n/format";
import { ConfirmDialog } from "../../shared/ConfirmDialog";
import { ErrorNote } from "../../shared/ErrorNote";
import { ListStates } from "../../shared/ListStates";
import { announce } from "../../shared/live";
import { paths } from "../../shared/paths";
import { ConnectorForm } from "../ConnectorForm";
import { isChosen } from "../couch/chosen";
import { missingOptions, type Options } from "../OptionsForm";
import css from "./page.module.css";

/** What the tab needs. */
export interface SettingsTabProps {
  source: SourceHealth;
  /** Draws the choice of vaults; it belongs to another part of the window. */
  vaultsField: (value: string[], onChange: (vaults: string[]) => void) => ReactNode;
}

function Saved({ show }: { show: boolean }) {
  const { t } = useTranslation();
  return (
    <span role="status" className="quiet">
      {show ? t("sources:settings.saved") : ""}
    </span>
  );
}

function NameSection({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const change = useAct("source.change");
  const { name } = source.source;
  const [text, setText] = useState(name);
  const wanted = text.trim();
  const save = () =>
    change.mutate(
      { name, rename: wanted },
      {
        onSuccess: (row) => {
          announce(t("sources:settings.renamed", { name: row.name }));
          navigate(paths.source(row.name, "settings"), { replace: true });
        },
      },
    );
  return (
    <section className={css.section}>
      <h2>{t("sources:settings.name")}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextInput
          aria-label={t("sources:settings.name")}
          description={t("sources:settings.nameHelp")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {change.error && <ErrorNote error={change.error} tight />}
        <div className={css.saveRow}>
          <Button type="submit" loading={change.isPending} disabled={wanted === "" || wanted === name}>
            {t("sources:settings.rename")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function VaultsSection({ source, vaultsField }: SettingsTabProps) {
  const { t } = useTranslation();
  const change = useAct("source.change");
  const [vaults, setVaults] = useState(source.vaults);
  const [saved, setSaved] = useState(false);
  const same = [...vaults].sort().join("\n") === [...source.vaults].sort().join("\n");
  return (
    <section className={css.section}>
      <h2>{t("sources:settings.vaults")}</h2>
      {vaultsField(vaults, (next) => {
        setVaults(next);
        setSaved(false);
      })}
      <p className="note">{t("sources:settings.vaultsHelp")}</p>
      {change.error && <ErrorNote error={change.error} tight />}
      <div className={css.saveRow}>
        <Button
          loading={change.isPending}
          disabled={same || vaults.length === 0}
          onClick={() => change.mutate({ name: source.source.name, vaults }, { onSuccess: () => setSaved(true) })}
        >
          {t("sources:settings.saveVaults")}
        </Button>
        <Saved show={saved && same} />
      </div>
    </section>
  );
}

function OptionsSection({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const connectors = useCall("connector.list", {}, { silent: true });
  const change = useAct("source.change");
  const [options, setOptions] = useState<Options>((source.source.options ?? {}) as Options);
  // Only kinds with parts to choose are asked for them: others may be slow to look through.
  const probe = useCall(
    "source.probe",
    { name: source.source.name },
    { enabled: source.source.kind === "couchdb", silent: true, topics: [] },
  );
  const parts = probe.data?.probe.parts;
  const [saved, setSaved] = useState(false);
  const same = JSON.stringify(options) === JSON.stringify(source.source.options ?? {});
  return (
    <section className={css.section}>
      <h2>{t("sources:settings.options")}</h2>
      <ListStates query={connectors} rows={3}>
        {(reply) => {
          const connector = reply.connectors.find((one) => one.kind === source.source.kind);
          if (!connector) {
            return <p className="quiet">{t("sources:settings.unknownKind", { kind: source.source.kind })}</p>;
          }
          return (
            <>
              <ConnectorForm
                connector={connector}
                parts={parts}
                value={options}
                existing
                onChange={(next) => {
                  setOptions(next);
                  setSaved(false);
                }}
              />
              {change.error && <ErrorNote error={change.error} tight />}
              <div className={css.saveRow}>
                <Button
                  loading={change.isPending}
                  disabled={same || missingOptions(connector, options, true).length > 0 || !isChosen(options)}
                  onClick={() =>
                    change.mutate({ name: source.source.name, options }, { onSuccess: () => setSaved(true) })
                  }
                >
                  {t("sources:settings.save")}
                </Button>
                <Saved show={saved && same} />
              </div>
            </>
          );
        }}
      </ListStates>
    </section>
  );
}

function RemoveSection({ source }: { source: SourceHealth }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const { name } = source.source;
  const saved = source.points.filter((point) => point.snapshot).length;
  return (
    <section className={css.section}>
      <h2>{t("sources:remove.section")}</h2>
      <p className="quiet">{t("sources:remove.line")}</p>
      <div className={css.saveRow}>
        <Button onClick={() => setAsking(true)}>{t("sources:remove.button")}</Button>
      </div>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("sources:remove.title", { name })}
        confirmLabel={t("sources:remove.yes")}
        cancelLabel={t("sources:remove.no")}
        onConfirm={async () => {
          await call("source.remove", { name });
          navigate(paths.sources());
        }}
      >
        <ul>
          <li>{t("sources:remove.noMore")}</li>
          <li>
            {saved > 0 || source.lastGood
              ? t("sources:remove.stay", { vaults: source.vaults.join(", ") || t("sources:remove.theirVaults") })
              : t("sources:remove.nothingSaved")}
          </li>
          <li>{t("sources:remove.secrets")}</li>
          <li>{t("sources:remove.untouched")}</li>
        </ul>
        {saved > 0 && <p className="note">{t("sources:remove.count", { count: saved, n: count(saved) })}</p>}
      </ConfirmDialog>
    </section>
  );
}

/** The tab. */
export function SettingsTab(props: SettingsTabProps) {
  const { source } = props;
  return (
    <div className={css.settings}>
      <NameSection key={source.source.name} source={source} />
      <VaultsSection {...props} />
      <OptionsSection source={source} />
      <RemoveSection source={source} />
    </div>
  );
}
