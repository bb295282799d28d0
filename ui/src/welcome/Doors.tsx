/** Four ways in: protect something, try the sample, open an old vault, look into a backup file. */
import {
  IconChevronRight,
  IconFileImport,
  IconLifebuoy,
  IconPlayerPlay,
  IconPlus,
  IconRotateClockwise,
} from "@tabler/icons-react";
import i18next from "i18next";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { asError, type BackstayError, call, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { DoorCard } from "../shared/DoorCard";
import { ErrorNote } from "../shared/ErrorNote";
import { Loading } from "../shared/ListStates";
import { paths } from "../shared/paths";
import css from "./Doors.module.css";

const icon = { size: "1.375rem", stroke: 1.7, "aria-hidden": true } as const;

/** What the doors need. */
export interface DoorsProps {
  /** Name of what the assistant was set up for when it was closed. */
  unfinished?: string | undefined;
  /** Make the sample at once. */
  sampleNow: boolean;
}

/** Makes the sample; it takes some seconds. */
function useSample() {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      await call("sample.create", { language: i18next.language });
      await refresh(["sources", "vaults", "snapshots"]);
      navigate(paths.overview());
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, make };
}

/** The doors. */
export function Doors({ unfinished, sampleNow }: DoorsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sample = useSample();
  const begun = useRef(false);
  const { make } = sample;
  useEffect(() => {
    if (sampleNow && !begun.current) {
      begun.current = true;
      void make();
    }
  });
  const openFile = async () => {
    const path = await platform().shell("shell.pickFile", { title: t("welcome:file.pick") });
    if (path) {
      const found = await call("path.inspect", { path }, { silent: true }).catch(() => undefined);
      navigate(found?.kind === "bundle" ? paths.bundle(path) : paths.open([path]));
    }
  };
  const end = <IconChevronRight size="1rem" aria-hidden />;
  const door = (name: string) => ({ title: t(`welcome:${name}.title`), line: t(`welcome:${name}.line`), end });
  return (
    <div className={css.doors}>
      {unfinished !== undefined && (
        <DoorCard
          first
          icon={<IconRotateClockwise {...icon} />}
          title={t("welcome:resume.title", { name: unfinished })}
          line={t("welcome:resume.line")}
          end={end}
          onClick={() => navigate(paths.addSource())}
        />
      )}
      {unfinished === undefined && (
        <DoorCard
          first
          icon={<IconPlus {...icon} />}
          {...door("protect")}
          onClick={() => navigate(paths.addSource())}
        />
      )}
      <DoorCard
        icon={<IconPlayerPlay {...icon} />}
        {...door("sample")}
        disabled={sample.busy}
        onClick={() => void sample.make()}
      />
      {sample.busy && <Loading rows={1} what={t("welcome:sample.making")} />}
      {sample.error && <ErrorNote error={sample.error} tight onRetry={() => void sample.make()} />}
      <DoorCard
        icon={<IconLifebuoy {...icon} />}
        {...door("vault")}
        onClick={() => navigate(`${paths.addVault()}?open=`)}
      />
      <DoorCard icon={<IconFileImport {...icon} />} {...door("file")} onClick={() => void openFile()} />
    </div>
  );
}
