/** A bundle: is it whole, what is in it, and what can be done with it. Looking changes nothing. */
import { Button } from "@mantine/core";
import { IconArrowBackUp, IconFileDatabase, IconFileZip, IconFolder, IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { type BundleReply, useCall, useJob } from "../api";
import { useTranslation } from "../i18n";
import { bytes, exact } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { ListStates, Loading } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";
import { BundleFacts } from "./BundleFacts";
import css from "./BundlePage.module.css";
import { BundleParts } from "./BundleParts";
import { BundleState } from "./BundleState";
import { ForeignState, Stopped } from "./ForeignState";
import { Gaps } from "./Gaps";
import { KeepInVault } from "./KeepInVault";
import { type Looked, useLooked } from "./useLooked";

/** Where the wizard shows a plan for everything in the bundle. */
export function previewRoute(path: string): string {
  return `${paths.restore({ snapshot: `bundle:${path}` })}&step=preview`;
}

function fileName(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .pop() ?? path
  );
}

function Reading({ looked }: { looked: Looked }) {
  const { t } = useTranslation();
  const job = useJob(looked.job ?? undefined);
  return (
    <div className={`card ${css.job}`}>
      {looked.foreign && (
        <div className={css.about}>
          <p className="strong">{t("bundles:foreign.reading")}</p>
          <p className="note">{t("bundles:foreign.readingLine")}</p>
        </div>
      )}
      {job ? <JobProgress job={job} /> : <Loading rows={2} what={t("bundles:opening")} />}
    </div>
  );
}

function Opened({ bundle, looked }: { bundle: BundleReply; looked: Looked }) {
  const { metadata, refused, foreign } = bundle;
  return (
    <div className={css.columns}>
      <div className={css.main}>
        {looked.job !== null ? (
          <Reading looked={looked} />
        ) : foreign ? (
          <ForeignState bundle={bundle} onAgain={looked.read} />
        ) : (
          <BundleState bundle={bundle} onVerify={looked.read} />
        )}
        {!refused && <Gaps gaps={metadata.gaps} foreign={foreign != null} />}
        {!refused && <BundleParts bundle={bundle} />}
      </div>
      <BundleFacts bundle={bundle} />
    </div>
  );
}

/** Where Restore leads: to the preview of all of it, or first to the question where, when nobody knows where it belongs. */
function useRestoreRoute(bundle: BundleReply | undefined, path: string): string {
  const kinds = useCall("connector.list", {}, { silent: true });
  const kind = kinds.data?.connectors.find((one) => one.kind === bundle?.metadata.sourceKind);
  const homeless = bundle !== undefined && !bundle.source && (kind?.namedPlaces === true || bundle.foreign != null);
  return homeless ? `${paths.restore({ snapshot: `bundle:${path}` })}&step=where` : previewRoute(path);
}

/** The page `/bundle?path=`. */
export function BundlePage({ path }: { path: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const looked = useLooked(path);
  const [keeping, setKeeping] = useState(false);
  const { bundle } = looked;
  const usable = bundle !== undefined && !bundle.refused;
  const route = useRestoreRoute(bundle, path);
  const restore = () => void navigate(route);
  useShortcut("Ctrl Enter", t("bundles:restore"), restore, { enabled: usable });
  const line = bundle &&
    !bundle.refused && [
      bytes(bundle.bytes),
      bundle.foreign
        ? t("bundles:foreign.is", { title: bundle.foreign.title, kind: bundle.foreign.kindTitle })
        : t("bundles:madeBy", { program: bundle.metadata.program, time: exact(bundle.metadata.finished) }),
    ];
  return (
    <Page>
      <PageHeader
        title={fileName(path)}
        crumbs={[{ label: t(looked.foreign ? "bundles:foreign.crumb" : "bundles:crumb"), to: paths.snapshots() }]}
        icon={
          looked.foreign ? (
            <IconFileDatabase size="1.5rem" stroke={1.5} />
          ) : path.endsWith(".zip") ? (
            <IconFileZip size="1.5rem" stroke={1.5} />
          ) : (
            <IconFolder size="1.5rem" stroke={1.5} />
          )
        }
        line={line ? line.join(" · ") : undefined}
        actions={
          <>
            {!looked.foreign && (
              <Button
                leftSection={<IconShieldCheck size="0.9375rem" />}
                onClick={looked.read}
                disabled={!usable || looked.job !== null}
              >
                {t("bundles:verify")}
              </Button>
            )}
            <Button onClick={() => setKeeping(true)} disabled={!usable}>
              {t("bundles:keep")}
            </Button>
            <Button
              variant="filled"
              leftSection={<IconArrowBackUp size="0.9375rem" />}
              onClick={restore}
              disabled={!usable}
            >
              {t("bundles:restore")}
            </Button>
          </>
        }
      />
      {looked.readError && !looked.foreign && <ErrorNote error={looked.readError} onRetry={looked.read} />}
      {looked.cancelled && <Stopped onRead={looked.read} />}
      {looked.foreign && !bundle && looked.job !== null ? (
        <Reading looked={looked} />
      ) : (
        !looked.cancelled && (
          <ListStates query={{ ...looked, data: bundle }} what={t("bundles:opening")}>
            {(data) => <Opened bundle={data} looked={looked} />}
          </ListStates>
        )
      )}
      {bundle && <KeepInVault bundle={bundle} opened={keeping} onClose={() => setKeeping(false)} />}
    </Page>
  );
}
