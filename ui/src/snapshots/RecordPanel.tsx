/** One record: its fields, its page, its exact text, all its versions. At the side of the table, or a page of its own in narrow windows. */
import { Badge, Button, CloseButton, CopyButton, Tabs } from "@mantine/core";
import { IconArrowBackUp, IconChevronLeft, IconCopy } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { type Field, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { partOf } from "../shared/databases";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { documentOf, isDeleted, shortRev } from "./documents";
import { LiveBlock } from "./LiveBlock";
import { OtherVersions } from "./OtherVersions";
import { pageText } from "./pageText";
import { onlyOf, type Place } from "./place";
import { RawTab } from "./RawTab";
import { RecordFields } from "./RecordFields";
import css from "./RecordPanel.module.css";
import { useEscape } from "./useEscape";
import { useRecord } from "./useRecord";
import { VersionsTab } from "./VersionsTab";
import { shortId, titleOf } from "./values";

const Markdown = lazy(() => import("./Markdown"));

/** A record to show. */
export interface RecordPanelProps {
  place: Place;
  /** Name of the source, if it is one of ours. */
  source: string | undefined;
  /** Time of the snapshot. */
  time: string | undefined;
  collection: string;
  label: string;
  fields: Field[];
  id: string;
  /** A page of its own, with a way back. */
  page: boolean;
  onClose: () => void;
}

/** The panel. */
export function RecordPanel(props: RecordPanelProps) {
  const { place, source, time, collection, label, fields, id, page, onClose } = props;
  const { t } = useTranslation();
  const [wanted, setTab] = useState<string | null>("fields");
  const read = useRecord(place.ref, collection, id);
  const sources = useCall("source.list", {}, { silent: true });
  const row = sources.data?.sources.find(({ name }) => name === source);
  const ours = row !== undefined && source !== undefined;
  const settles = row?.capabilities?.conflicts === true;
  // On a page of its own it is the heading of the page.
  const Title = page ? "h1" : "h2";
  useEscape(t("snapshots:record.close"), onClose);
  const text = partOf(collection) ? null : pageText(read.data);
  const document = read.record ? documentOf(read.record, read.data) : null;
  const part = partOf(collection);
  const rivals = document?.others ?? [];
  const shown = { fields: true, raw: true, page: text !== null, versions: ours, others: rivals.length > 0 };
  const tab = shown[(wanted ?? "fields") as keyof typeof shown] ? wanted : "fields";
  // The table's own listing: it knows which field names a record.
  const listing = useCall("listing.open", { at: place.ref, collection }, { silent: true, topics: [] });
  const title = titleOf(read.data, id, listing.data?.title);
  const changed = read.record?.changed;
  const gone = read.error?.code === "notFound";
  const restore = paths.restore({
    snapshot: place.ref.snapshot,
    ...(place.ref.vault ? { vault: place.ref.vault } : {}),
    only: onlyOf([`${collection}/${id}`]),
  });
  return (
    <aside className={css.panel} data-page={page || undefined} data-region aria-label={title}>
      <header className={css.head}>
        {page && (
          <Button variant="subtle" leftSection={<IconChevronLeft size="0.9375rem" />} onClick={onClose}>
            {t("common:action.back")}
          </Button>
        )}
        <div className={css.titles}>
          <Title className={css.title}>{title}</Title>
          {isDeleted(read.data) && (
            <Badge variant="light" color="gray" size="sm" tt="none">
              {t("snapshots:record.deleted")}
            </Badge>
          )}
          <p className="note">
            {t("snapshots:record.of", { collection: label })} · <code title={id}>{shortId(id)}</code>
            {changed && ` · ${t("snapshots:record.edited", { time: moment(changed) })}`}
            {document && (
              <>
                {" · "}
                <span title={document.winner.rev}>
                  {t("snapshots:record.revision", { rev: shortRev(document.winner.rev) }).replaceAll("-", "\u2011")}
                </span>
              </>
            )}
          </p>
        </div>
        {!page && <CloseButton aria-label={t("snapshots:record.close")} onClick={onClose} />}
      </header>
      {read.error && !gone && <ErrorNote error={read.error} onRetry={read.retry} />}
      {gone && (
        <div className={css.body}>
          <Empty title={t("snapshots:record.notHere")}>{t("snapshots:record.notHereText")}</Empty>
          {ours && <VersionsTab source={source} collection={collection} id={id} time={time} />}
        </div>
      )}
      {!read.error && read.pending && <Loading rows={6} what={t("snapshots:record.reading")} />}
      {read.record && !read.pending && (
        <Tabs value={tab} onChange={setTab} className={css.tabs} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="fields">
              {t(part?.part === "design" ? "snapshots:record.code" : "snapshots:record.fields")}
            </Tabs.Tab>
            {shown.others && (
              <Tabs.Tab value="others">
                {t("snapshots:others.tab", { count: rivals.length, n: count(rivals.length) })}
              </Tabs.Tab>
            )}
            {text && <Tabs.Tab value="page">{t("snapshots:record.page")}</Tabs.Tab>}
            <Tabs.Tab value="raw">{t("snapshots:record.raw")}</Tabs.Tab>
            {ours && <Tabs.Tab value="versions">{t("snapshots:record.versions")}</Tabs.Tab>}
          </Tabs.List>
          <div className={css.body}>
            <Tabs.Panel value="fields">
              <RecordFields
                at={place.ref}
                record={read.record}
                data={read.data}
                fields={fields}
                part={part?.part}
                onOthers={() => setTab("others")}
              />
              {ours && place.kind === "snapshot" && (
                <LiveBlock source={source} at={place.ref} collection={collection} id={id} data={read.data} />
              )}
            </Tabs.Panel>
            {document && shown.others && (
              <Tabs.Panel value="others">
                <OtherVersions at={place.ref} document={document} source={settles ? source : undefined} />
              </Tabs.Panel>
            )}
            {text && (
              <Tabs.Panel value="page">
                <h3 className={css.pageTitle}>{title}</h3>
                <Suspense fallback={<Loading rows={4} />}>
                  <Markdown text={text.text} onRaw={() => setTab("raw")} />
                </Suspense>
              </Tabs.Panel>
            )}
            <Tabs.Panel value="raw">
              <RawTab text={read.text ?? JSON.stringify(read.data, null, 2)} />
            </Tabs.Panel>
            {ours && (
              <Tabs.Panel value="versions">
                <VersionsTab source={source} collection={collection} id={id} time={time} />
              </Tabs.Panel>
            )}
          </div>
        </Tabs>
      )}
      {read.record && (
        <footer className={css.foot}>
          {place.kind !== "live" && (
            <Button component={Link} to={restore} leftSection={<IconArrowBackUp size="0.9375rem" />}>
              {t("snapshots:record.restore")}
            </Button>
          )}
          <CopyButton value={read.text ?? ""}>
            {({ copied, copy }) => (
              <Button variant="subtle" leftSection={<IconCopy size="0.9375rem" />} disabled={!read.text} onClick={copy}>
                {t(copied ? "common:action.copied" : "snapshots:record.copy")}
              </Button>
            )}
          </CopyButton>
        </footer>
      )}
    </aside>
  );
}
