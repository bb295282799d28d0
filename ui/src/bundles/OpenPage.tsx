/** Something was dropped on the window: what it is, and what can be done with it. Several things: choose one. */
import { Button } from "@mantine/core";
import { IconArrowBackUp, IconDatabaseImport, IconFileSearch, IconShieldPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, Navigate } from "react-router";
import { type InspectReply, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useKindTitle } from "../shared/useKindTitle";
import css from "./OpenPage.module.css";
import { RestoreInto } from "./RestoreInto";

function fileName(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .pop() ?? path
  );
}

function Card({
  icon,
  title,
  children,
  actions,
}: {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  actions: ReactNode;
}) {
  return (
    <section className={`card ${css.card}`}>
      <span className={css.icon} aria-hidden>
        {icon}
      </span>
      <div className={css.text}>
        <h2 className={css.title}>{title}</h2>
        <div className="quiet">{children}</div>
        <div className={css.actions}>{actions}</div>
      </div>
    </section>
  );
}

function Protect({ found }: { found: InspectReply }) {
  const { t } = useTranslation();
  const kindTitle = useKindTitle();
  const owner = found.protectedBy[0];
  if (owner !== undefined) {
    return (
      <Card
        icon={<IconShieldPlus size="1.5rem" stroke={1.5} />}
        title={t("bundles:open.protected", { source: owner })}
        actions={
          <Button component={Link} to={paths.source(owner)}>
            {t("bundles:open.openSource", { source: owner })}
          </Button>
        }
      >
        {t("bundles:open.protectedLine")}
      </Card>
    );
  }
  if (found.protect.length === 0) {
    return null;
  }
  const pathOf = (options: Record<string, unknown>) => (typeof options.path === "string" ? options.path : found.path);
  return (
    <Card
      icon={<IconShieldPlus size="1.5rem" stroke={1.5} />}
      title={t("bundles:open.protect")}
      actions={found.protect.map(({ kind, options }, at) => (
        <Button
          key={kind}
          component={Link}
          to={paths.addSource({ kind, path: pathOf(options) })}
          variant={at === 0 ? "filled" : "default"}
          className={(at === 0 && css.filled) || ""}
        >
          {t("bundles:open.protectAs", { kind: kindTitle(kind) })}
        </Button>
      ))}
    >
      {t("bundles:open.protectLine")}
    </Card>
  );
}

function Ways({ found }: { found: InspectReply }) {
  const { t } = useTranslation();

  switch (found.kind) {
    case "bundle":
    case "foreign":
      return <Navigate to={paths.bundle(found.path)} replace />;
    case "plan":
      return <Navigate to={`/restore?plan=${encodeURIComponent(found.path)}`} replace />;
    case "vault":
      return (
        <Card
          icon={<IconDatabaseImport size="1.5rem" stroke={1.5} />}
          title={t("bundles:open.vault")}
          actions={
            <Button
              component={Link}
              variant="filled"
              className={css.filled ?? ""}
              to={`${paths.addVault()}?open=${encodeURIComponent(found.path)}`}
            >
              {t("bundles:open.addVault")}
            </Button>
          }
        >
          {t("bundles:open.vaultLine")}
        </Card>
      );
    case "settings":
      return (
        <Card
          icon={<IconFileSearch size="1.5rem" stroke={1.5} />}
          title={t("bundles:open.settings")}
          actions={
            <Button component={Link} variant="filled" to={paths.settings("move")}>
              {t("bundles:open.openSettings")}
            </Button>
          }
        >
          {t("bundles:open.settingsLine")}
        </Card>
      );
    case "sqlite":
    case "folder":
      return (
        <div className={css.cards}>
          <Protect found={found} />
          <Card
            icon={<IconArrowBackUp size="1.5rem" stroke={1.5} />}
            title={t(found.protectedBy.length > 0 ? "bundles:open.back" : "bundles:open.into")}
            actions={<RestoreInto found={found} />}
          >
            {t(found.protectedBy.length > 0 ? "bundles:open.backLine" : "bundles:open.intoLine")}
          </Card>
        </div>
      );
    default:
      return (
        <>
          <Note
            status="failed"
            title={t(found.kind === "missing" ? "bundles:open.missing" : "bundles:open.unknown", { name: found.name })}
          >
            {found.reason}
          </Note>
          {found.protect.length > 0 && <Protect found={found} />}
        </>
      );
  }
}

function One({ path }: { path: string }) {
  const { t } = useTranslation();
  const found = useCall("path.inspect", { path });
  return (
    <ListStates query={found} what={t("bundles:open.looking")}>
      {(data) => (
        <>
          <p className="note">
            <span className="mono">{data.path}</span>
            {data.bytes != null && ` · ${bytes(data.bytes)}`}
          </p>
          <Ways found={data} />
        </>
      )}
    </ListStates>
  );
}

/** The page `/open?paths=`. */
export function OpenPage({ files }: { files: string[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const only = files.length === 1 ? files[0] : (chosen ?? undefined);
  if (files.length === 0) {
    return (
      <Page>
        <PageHeader title={t("bundles:open.title")} />
        <Empty title={t("bundles:open.nothing")} />
      </Page>
    );
  }
  return (
    <Page>
      <PageHeader
        title={only === undefined ? t("bundles:open.many", { n: count(files.length) }) : fileName(only)}
        line={t("bundles:open.safe")}
        actions={
          files.length > 1 &&
          only !== undefined && <Button onClick={() => setChosen(null)}>{t("bundles:open.others")}</Button>
        }
      />
      {only === undefined ? (
        <ul className={`card ${css.list}`} aria-label={t("bundles:open.choose")}>
          {files.map((path) => (
            <li key={path}>
              <button type="button" onClick={() => setChosen(path)}>
                <span className="strong">{fileName(path)}</span>
                <span className="note mono">{path}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <One key={only} path={only} />
      )}
    </Page>
  );
}
