/** A vault more: made anew, or one that exists already, opened by its password or its recovery kit. */
import { Button, Group, Tabs } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { asError, type BackstayError, call, useCall, type VaultRow } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { KitDialog } from "../vaults/KitDialog";
import { NewVaultFields, placeIsComplete, type VaultPlace } from "../vaults/NewVaultFields";
import { OpenVaultForm } from "../vaults/OpenVaultForm";
import { noPassword, PasswordStep, passwordIsComplete } from "../vaults/PasswordStep";
import css from "../vaults/WhereStep.module.css";

function NewVault() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const known = useCall("vault.list", {}, { silent: true });
  const taken = known.data?.vaults.map((vault) => vault.name) ?? [];
  const [place, setPlace] = useState<VaultPlace>({ name: "", path: "" });
  const [chosen, setChosen] = useState(noPassword);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const [made, setMade] = useState<VaultRow | null>(null);
  const ready = placeIsComplete(place, taken) && passwordIsComplete(chosen);
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const request = { name: place.name.trim(), path: place.path.trim(), remember: chosen.remember };
      setMade(await call("vault.create", request, { newPassword: chosen.password, silent: true }));
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={css.where}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) {
          void create();
        }
      }}
    >
      <NewVaultFields value={place} onChange={setPlace} taken={made ? [] : taken} />
      <h2 className={css.section}>{t("vaults:password.title")}</h2>
      <PasswordStep value={chosen} onChange={setChosen} />
      {error && <ErrorNote error={error} tight />}
      <Group justify="flex-end" mt="lg">
        <Button component={Link} to={paths.vaults()}>
          {t("common:action.cancel")}
        </Button>
        <Button type="submit" variant="filled" disabled={!ready || made !== null} loading={busy}>
          {t("vaults:new.create")}
        </Button>
      </Group>
      <KitDialog
        vault={made?.name ?? ""}
        opened={made !== null}
        password={chosen.password || undefined}
        onClose={() => made && navigate(paths.vault(made.name), { replace: true })}
      />
    </form>
  );
}

/** What an opened vault holds, and what can be done now. */
function Opened({ vault }: { vault: VaultRow }) {
  const { t } = useTranslation();
  const list = useCall("snapshot.list", { vault: vault.name }, { silent: true });
  const snapshots = list.data?.snapshots ?? [];
  const sources = new Set(snapshots.map((snapshot) => snapshot.source)).size;
  return (
    <div className={css.where}>
      <Note
        status="complete"
        title={t("vaults:opened.title", { name: vault.name })}
        actions={
          <>
            <Button component={Link} to={paths.snapshots()} variant="filled">
              {t("vaults:opened.browse")}
            </Button>
            <Button component={Link} to={paths.addSource()}>
              {t("vaults:opened.protect")}
            </Button>
            <Button component={Link} to={paths.vault(vault.name)} variant="subtle">
              {t("vaults:opened.page")}
            </Button>
          </>
        }
      >
        {list.data &&
          t("vaults:opened.line", { count: snapshots.length, n: count(snapshots.length), sources: count(sources) })}
        {list.error && <ErrorNote error={list.error} tight onRetry={() => void list.refetch()} />}
      </Note>
    </div>
  );
}

/** The page. */
export default function AddVaultView() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const start = search.get("open");
  const [opened, setOpened] = useState<VaultRow | null>(null);
  return (
    <Page>
      <PageHeader
        title={t("vaults:add.title")}
        crumbs={[{ label: t("vaults:title"), to: paths.vaults() }]}
        line={t("vaults:add.line")}
      />
      {opened ? (
        <Opened vault={opened} />
      ) : (
        <Tabs
          value={start === null ? "new" : "open"}
          onChange={(tab) => setSearch(tab === "open" ? { open: "" } : {}, { replace: true })}
          keepMounted={false}
        >
          <Tabs.List mb="lg">
            <Tabs.Tab value="new">{t("vaults:newVault")}</Tabs.Tab>
            <Tabs.Tab value="open">{t("vaults:add.open")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="new">
            <NewVault />
          </Tabs.Panel>
          <Tabs.Panel value="open">
            <OpenVaultForm key={start} start={start ?? ""} onOpened={setOpened} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}
