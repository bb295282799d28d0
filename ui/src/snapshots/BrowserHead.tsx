/** The head of the browser: which point in time, how that backup ended, older and newer, compare and restore. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowsLeftRight, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { Link } from "react-router";
import type { SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment } from "../i18n/format";
import { type Crumb, PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { verdictStatus } from "../shared/StatusGlyph";
import { useShortcut } from "../shared/shortcuts";
import { VerdictPill } from "../shared/VerdictPill";
import { useAppearance } from "../theme/appearance";
import css from "./Browser.module.css";
import type { Place } from "./place";
import type { Neighbours, PlaceContent } from "./usePlace";

/** What the head says. */
export interface BrowserHeadProps {
  place: Place;
  content: PlaceContent;
  records: number | undefined;
  neighbours: Neighbours;
  onGo: (to: SnapshotRef) => void;
  onCompare: () => void;
  onRestore: () => void;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function useWords({ place, content, records }: BrowserHeadProps) {
  const { t } = useTranslation();
  const { row, meta, source } = content;
  const crumbs: Crumb[] =
    place.kind === "bundle"
      ? [{ label: t("snapshots:browser.bundle"), to: paths.bundle(place.name) }]
      : [{ label: t("snapshots:title"), to: paths.snapshots() }];
  if (source && place.kind !== "bundle") {
    crumbs[0] = { label: source, to: paths.source(source) };
  }
  if (place.kind === "live") {
    return { title: t("snapshots:browser.liveTitle"), crumbs, line: t("snapshots:browser.liveLine") };
  }
  if (place.kind === "bundle") {
    return { title: place.name.split("/").pop() ?? place.name, crumbs, line: place.name };
  }
  const facts = [
    row && exact(row.time),
    records !== undefined && records > 0 && t("snapshots:browser.records", { count: records, n: count(records) }),
    meta &&
      meta.files > 0 &&
      !meta.collections.length &&
      t("snapshots:list.files", { count: meta.files, n: count(meta.files) }),
    row?.vault,
    // Every snapshot of ours carries the first one; it tells nothing.
    row?.tags.filter((tag) => tag !== "backstay").join(", "),
  ];
  return {
    title: row ? capital(moment(row.time)) : t("snapshots:browser.snapshot"),
    crumbs,
    line: facts.filter(Boolean).join(" · "),
  };
}

/** The head. Brackets go to older and newer; the open record stays open. */
export function BrowserHead(props: BrowserHeadProps) {
  const { place, content, neighbours, onGo, onCompare, onRestore } = props;
  const { t } = useTranslation();
  const narrow = useMediaQuery("(max-width: 44.9375em)", false, { getInitialValueInEffect: false });
  const { title, crumbs, line } = useWords(props);
  const { older, newer } = neighbours;
  const snapshot = place.kind === "snapshot";
  const { singleKeys } = useAppearance();
  const brackets = snapshot && singleKeys;
  useShortcut("[", t("snapshots:keys.older"), older && (() => onGo(older)), { enabled: brackets });
  useShortcut("]", t("snapshots:keys.newer"), newer && (() => onGo(newer)), { enabled: brackets });
  useShortcut("C", t("snapshots:keys.compare"), onCompare, { group: "letters", enabled: snapshot });
  useShortcut("R", t("snapshots:keys.restore"), onRestore, { group: "letters", enabled: place.kind !== "live" });
  const { row, gaps } = content;
  return (
    <div className={css.head}>
      <PageHeader
        title={title}
        crumbs={crumbs}
        line={line}
        state={
          row?.verdict ? (
            gaps.length && content.source ? (
              <Link to={paths.source(content.source)} className={css.pill} title={gaps[0]?.message}>
                <VerdictPill status={verdictStatus(row.verdict)} gaps={gaps.length} />
              </Link>
            ) : (
              <VerdictPill status={verdictStatus(row.verdict)} />
            )
          ) : null
        }
        actions={
          <>
            {snapshot && (
              <Button.Group>
                <Button
                  disabled={!older}
                  leftSection={<IconChevronLeft size="0.875rem" />}
                  onClick={() => older && onGo(older)}
                  aria-keyshortcuts="["
                >
                  {t("snapshots:browser.older")}
                </Button>
                <Button
                  disabled={!newer}
                  rightSection={<IconChevronRight size="0.875rem" />}
                  onClick={() => newer && onGo(newer)}
                  aria-keyshortcuts="]"
                >
                  {t("snapshots:browser.newer")}
                </Button>
              </Button.Group>
            )}
            {place.kind !== "bundle" && (
              <Button leftSection={narrow ? undefined : <IconArrowsLeftRight size="0.9375rem" />} onClick={onCompare}>
                {t("snapshots:browser.compare")}
              </Button>
            )}
            {place.kind !== "live" && (
              <Button leftSection={narrow ? undefined : <IconArrowBackUp size="0.9375rem" />} onClick={onRestore}>
                {t("common:action.restore")}
              </Button>
            )}
          </>
        }
      />
    </div>
  );
}
