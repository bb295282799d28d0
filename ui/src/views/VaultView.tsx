/** One vault: what it holds, whether it is still readable, its keys and its recovery kit. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { asError, type BackstayError, call, startJob, useCall, useJobs, useRefresh, type VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { reveal } from "../shared/RevealButton";
import { placeOf, VaultIcon } from "../shared/SourceIcon";
import { shortPath } from "../shared/shortPath";
import { VerdictPill } from "../shared/VerdictPill";
import { type Care, CareDialog } from "../vaults/CareDialogs";
import { HeldPanel, LocksNote } from "../vaults/HeldPanel";
import { KeysPanel } from "../vaults/KeysPanel";
import { KitPanel } from "../vaults/KitPanel";
import css from "../vaults/panels.module.css";
import { ReadablePanel } from "../vaults/ReadablePanel";
import { vaultStatus } from "../vaults/words";

/** Shares a check can read, in percent; `null` is the structure alone. */
const shares: [key: string, share: number | null][] = [
  ["structure", null],
  ["sample", 5],
  ["all", 100],
];

function Contents({
  vault,
  onCheck,
  onRepair,
}: {
  vault: VaultHealth;
  onCheck: (share: number | null) => void;
  onRepair: () => void;
}) {
  const { t } = useTranslation();
  const name = vault.vault.name;
  const refresh = useRefresh();
  const info = useCall("vault.info", { name }, { silent: true, enabled: vault.reachable });
  const jobs = useJobs().filter((job) => (job.request as { vault?: string } | null)?.vault === name);
  const closed = info.error?.code === "auth";
  // Asking for the password opens the vault for this session; then everything on the page is read again.
  const open = async () => {
    await call("vault.info", { name }).catch(() => undefined);
    await refresh(["vaults"]);
  };
  return (
    <div className={css.grid}>
      <div className={css.column}>
        {!vault.reachable && (
          <Note status="paused" title={t("vaults:unreachable.title")}>
            {vault.problem?.message} {t("vaults:unreachable.line")}
          </Note>
        )}
        {closed ? (
          <section className="card">
            <Empty
              title={t("vaults:closed.title")}
              action={
                <Button variant="filled" onClick={() => void open()}>
                  {t("vaults:closed.open")}
                </Button>
              }
            >
              {t("vaults:closed.line")}
            </Empty>
          </section>
        ) : (
          vault.reachable && (
            <ListStates query={info} rows={3} what={t("vaults:opening", { name })}>
              {(reply) => (
                <>
                  <LocksNote info={reply} />
                  <HeldPanel info={reply} />
                </>
              )}
            </ListStates>
          )
        )}
        <ReadablePanel vault={name} jobs={jobs} onCheck={onCheck} onRepair={onRepair} disabled={!vault.reachable} />
      </div>
      <div className={css.column}>
        <KitPanel vault={name} kit={vault.kit} disabled={!vault.reachable} />
        {vault.reachable && !closed && <KeysPanel vault={name} />}
      </div>
    </div>
  );
}

/** The page. */
export default function VaultView() {
  const { t } = useTranslation();
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const overview = useCall("overview", {}, { silent: true });
  const [care, setCare] = useState<Care | null>(null);
  const [removing, setRemoving] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const vault = overview.data?.vaults.find((one) => one.vault.name === name);
  const crumbs = [{ label: t("vaults:title"), to: paths.vaults() }];
  if (!vault) {
    return (
      <Page>
        <PageHeader title={name} crumbs={crumbs} />
        <ListStates query={overview} isEmpty={() => true} empty={<Empty title={t("vaults:gone", { name })} />}>
          {() => null}
        </ListStates>
      </Page>
    );
  }
  const check = async (share: number | null) => {
    setError(null);
    try {
      await startJob("vault.verify", { vault: name, ...(share === null ? {} : { readData: share }) });
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  const { status, key } = vaultStatus(vault);
  const { path, remembered, note } = vault.vault;
  const room = vault.free != null ? t("vaults:room.free", { free: bytes(vault.free) }) : "";
  const sources =
    overview.data?.sources.filter((source) => source.vaults.includes(name)).map((one) => one.source.name) ?? [];
  return (
    <Page>
      <PageHeader
        title={name}
        crumbs={crumbs}
        icon={<VaultIcon path={path} />}
        state={<VerdictPill status={status} word={t(`vaults:state.${key}`)} />}
        line={[shortPath(path), t(remembered ? "vaults:remembered" : "vaults:notRemembered"), room]
          .filter(Boolean)
          .join(" · ")}
        actions={
          <>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button rightSection={<IconChevronDown size="0.875rem" />} disabled={!vault.reachable}>
                  {t("vaults:checkNow")}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {shares.map(([id, share]) => (
                  <Menu.Item key={id} onClick={() => void check(share)}>
                    <div className="strong">{t(`vaults:checkMenu.${id}.title`)}</div>
                    <div className="note">{t(`vaults:checkMenu.${id}.line`)}</div>
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label={t("vaults:moreFor", { name })}>
                  <IconDots size="1.0625rem" />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item disabled={!vault.reachable} onClick={() => setCare("vault.prune")}>
                  {t("vaults:prune.item")}
                </Menu.Item>
                <Menu.Item disabled={!vault.reachable} onClick={() => setCare("vault.repair")}>
                  {t("vaults:repair.item")}
                </Menu.Item>
                {placeOf(path) !== "cloud" && (
                  <Menu.Item disabled={!vault.reachable} onClick={() => void reveal(path).catch(setError)}>
                    {t("common:action.reveal")}
                  </Menu.Item>
                )}
                <Menu.Divider />
                <Menu.Item onClick={() => setRemoving(true)}>{t("vaults:remove.item")}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      {note && <Note status="partial">{note}</Note>}
      {error && <ErrorNote error={error} />}
      <Contents vault={vault} onCheck={(share) => void check(share)} onRepair={() => setCare("vault.repair")} />
      <CareDialog care={care} vault={name} onClose={() => setCare(null)} />
      <ConfirmDialog
        opened={removing}
        onClose={() => setRemoving(false)}
        title={t("vaults:remove.title", { name })}
        confirmLabel={t("vaults:remove.yes")}
        cancelLabel={t("vaults:remove.no")}
        onConfirm={async () => {
          await call("vault.remove", { name });
          navigate(paths.vaults());
        }}
      >
        <p>{t("vaults:remove.text", { path })}</p>
        {sources.length > 0 && (
          <p>{t("vaults:remove.sources", { count: sources.length, names: sources.join(", ") })}</p>
        )}
      </ConfirmDialog>
    </Page>
  );
}
