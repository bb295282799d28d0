/** A bundle: is it whole, what is in it, and what can be done with it. Looking changes nothing. */
import { Button } from "@mantine/core";
import { IconArrowBackUp, IconFileZip, IconFolder, IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { type BundleReply, useCall, useJob } from "../api";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { bytes, count, exact } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { JobProgress } from "../shared/JobProgress";
import { ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useShortcut } from "../shared/shortcuts";
import { BundleFacts } from "./BundleFacts";
import css from "./BundlePage.module.css";
import { BundleParts } from "./BundleParts";
import { BundleState } from "./BundleState";
import { KeepInVault } from "./KeepInVault";
import { useVerified } from "./useVerified";

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

function Opened({
  bundle,
  onVerify,
  verifying,
}: {
  bundle: BundleReply;
  onVerify: () => void;
  verifying: string | null;
}) {
  const { t } = useTranslation();
  const job = useJob(verifying ?? undefined);
  const running = job !== undefined && job.state !== "done";
  return (
    <div className={css.columns}>
      <div className={css.main}>
        {running && job ? (
          <div className={`card ${css.job}`}>
            <JobProgress job={job} />
          </div>
        ) : (
          <BundleState bundle={bundle} onVerify={onVerify} />
        )}
        {job?.error && <ErrorNote error={asError(job.error)} onRetry={onVerify} />}
        {bundle.metadata.gaps.length > 0 && !bundle.refused && (
          <Note
            status="partial"
            title={t("bundles:gaps", { count: bundle.metadata.gaps.length, n: count(bundle.metadata.gaps.length) })}
          >
            {t("bundles:gapsLine")}
          </Note>
        )}
        {!bundle.refused && <BundleParts bundle={bundle} />}
      </div>
      <BundleFacts bundle={bundle} />
    </div>
  );
}

/** The page `/bundle?path=`. */
export function BundlePage({ path }: { path: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const verified = useVerified(path);
  const quick = useCall("bundle.inspect", { path });
  const [keeping, setKeeping] = useState(false);
  const bundle = verified.reply ?? quick.data;
  const usable = bundle !== undefined && !bundle.refused;
  const restore = () => void navigate(previewRoute(path));
  useShortcut("Ctrl Enter", t("bundles:restore"), restore, { enabled: usable });
  const line = bundle &&
    !bundle.refused && [
      bytes(bundle.bytes),
      t("bundles:madeBy", { program: bundle.metadata.program, time: exact(bundle.metadata.finished) }),
    ];
  return (
    <Page>
      <PageHeader
        title={fileName(path)}
        crumbs={[{ label: t("bundles:crumb"), to: paths.snapshots() }]}
        icon={
          path.endsWith(".zip") ? <IconFileZip size="1.5rem" stroke={1.5} /> : <IconFolder size="1.5rem" stroke={1.5} />
        }
        line={line ? line.join(" · ") : undefined}
        actions={
          <>
            <Button
              leftSection={<IconShieldCheck size="0.9375rem" />}
              onClick={verified.start}
              disabled={!usable || verified.job !== null}
            >
              {t("bundles:verify")}
            </Button>
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
      {verified.error && <ErrorNote error={verified.error} onRetry={verified.start} />}
      <ListStates query={{ ...quick, data: bundle }} what={t("bundles:opening")}>
        {(data) => <Opened bundle={data} onVerify={verified.start} verifying={verified.job} />}
      </ListStates>
      {bundle && <KeepInVault bundle={bundle} opened={keeping} onClose={() => setKeeping(false)} />}
    </Page>
  );
}
