/** One file: what it looks like inside, its versions, and a copy of it on this computer. */
import { Button, CloseButton, Tabs } from "@mantine/core";
import { IconArrowBackUp, IconChevronLeft } from "@tabler/icons-react";
import { Link } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { paths } from "../shared/paths";
import { Preview } from "./Preview";
import { FILES, onlyOf, type Place } from "./place";
import css from "./RecordPanel.module.css";
import { SaveButton } from "./SaveButton";
import { useEscape } from "./useEscape";
import { VersionsTab } from "./VersionsTab";

/** A file to show. */
export interface FilePanelProps {
  place: Place;
  source: string | undefined;
  time: string | undefined;
  path: string;
  page: boolean;
  onClose: () => void;
}

/** The panel. */
export function FilePanel({ place, source, time, path, page, onClose }: FilePanelProps) {
  const { t } = useTranslation();
  const sources = useCall("source.list", {}, { silent: true });
  const ours = source !== undefined && (sources.data?.sources ?? []).some((row) => row.name === source);
  const name = path.slice(path.lastIndexOf("/") + 1);
  // On a page of its own it is the heading of the page.
  const Title = page ? "h1" : "h2";
  useEscape(t("snapshots:record.close"), onClose);
  const restore = paths.restore({
    snapshot: place.ref.snapshot,
    ...(place.ref.vault ? { vault: place.ref.vault } : {}),
    only: onlyOf([`${FILES}/${path}`]),
  });
  return (
    <aside className={css.panel} data-page={page || undefined} data-region aria-label={name}>
      <header className={css.head}>
        {page && (
          <Button variant="subtle" leftSection={<IconChevronLeft size="0.9375rem" />} onClick={onClose}>
            {t("common:action.back")}
          </Button>
        )}
        <div className={css.titles}>
          <Title className={css.title}>{name}</Title>
          <p className="note">{path}</p>
        </div>
        {!page && <CloseButton aria-label={t("snapshots:record.close")} onClick={onClose} />}
      </header>
      <Tabs defaultValue="preview" className={css.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="preview">{t("snapshots:files.preview")}</Tabs.Tab>
          {ours && <Tabs.Tab value="versions">{t("snapshots:record.versions")}</Tabs.Tab>}
        </Tabs.List>
        <div className={css.body}>
          <Tabs.Panel value="preview">
            <Preview at={place.ref} path={`${FILES}/${path}`} name={name} />
          </Tabs.Panel>
          {ours && (
            <Tabs.Panel value="versions">
              <VersionsTab source={source} collection={FILES} id={path} time={time} />
            </Tabs.Panel>
          )}
        </div>
      </Tabs>
      <footer className={css.foot}>
        {place.kind !== "live" && (
          <Button component={Link} to={restore} leftSection={<IconArrowBackUp size="0.9375rem" />}>
            {t("snapshots:files.restore")}
          </Button>
        )}
        <SaveButton at={place.ref} path={`${FILES}/${path}`} name={name} />
      </footer>
    </aside>
  );
}
