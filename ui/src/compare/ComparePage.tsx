/** Compares two points in time, or one with the live source: pickers and filters above, the list at the left, one record at the right. */
import { ActionIcon, Button, Select, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowsLeftRight } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { type ChangeKind, type SnapshotRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import css from "./ComparePage.module.css";
import { Differing } from "./Differing";
import { SidePicker } from "./SidePicker";
import { liveId, type Side, sidesOf } from "./sides";

/** What is narrowed, kept while sides change. */
export interface Chosen {
  change: ChangeKind | null;
  field: string | null;
}

function SourceChoice({ rows, onChoose }: { rows: SnapshotRow[]; onChoose: (source: string) => void }) {
  const { t } = useTranslation();
  const names = [...new Set(rows.map((row) => row.source))].sort();
  if (names.length === 0) {
    return <Empty title={t("compare:noSnapshots")} />;
  }
  return (
    <Empty
      title={t("compare:whichSource")}
      action={
        <Select
          aria-label={t("compare:source")}
          placeholder={t("compare:source")}
          data={names}
          onChange={(name) => name && onChoose(name)}
          searchable={names.length > 12}
        />
      }
    >
      {t("compare:whichSourceText")}
    </Empty>
  );
}

function Pickers({
  before,
  after,
  rows,
  onSides,
}: {
  before: Side;
  after: Side;
  rows: SnapshotRow[];
  onSides: (a: string, b: string) => void;
}) {
  const { t } = useTranslation();
  const of = (side: Side) => rows.filter((row) => row.source === side.source);
  return (
    <div className={css.pickers}>
      <SidePicker
        label={t("compare:before")}
        side={before}
        rows={of(before)}
        source={before.source}
        onChange={(id) => onSides(id, after.id)}
      />
      <Tooltip label={t("compare:swap")}>
        <ActionIcon
          variant="default"
          size="2.25rem"
          aria-label={t("compare:swap")}
          onClick={() => onSides(after.id, before.id)}
        >
          <IconArrowsLeftRight size="1rem" />
        </ActionIcon>
      </Tooltip>
      <SidePicker
        label={t("compare:after")}
        side={after}
        rows={of(after)}
        source={after.source}
        onChange={(id) => onSides(before.id, id)}
      />
    </div>
  );
}

/** The page. Sides `a`, `b`, collection `c` and the open record `r` are in the address. */
export function ComparePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const narrow = useMediaQuery("(max-width: 44.9375em)", false, { getInitialValueInEffect: false }) ?? false;
  const [chosen, setChosen] = useState<Chosen>({ change: null, field: null });
  const snapshots = useCall("snapshot.list", { all: true }, { silent: true });
  const rows = snapshots.data?.snapshots ?? [];
  const { before, after } = sidesOf(query.get("a"), query.get("b"), rows);
  const set = (values: Record<string, string | null>, replace = true) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(values)) {
      if (value) {
        next.set(name, value);
      } else {
        next.delete(name);
      }
    }
    setQuery(next, { replace });
  };
  const source = before?.source ?? after?.source;
  const known = !narrow || !query.get("r");
  const row = before?.row;
  return (
    <Page fill>
      {known && (
        <div className={css.head}>
          <PageHeader
            title={t("compare:title")}
            crumbs={
              source
                ? [{ label: source, to: paths.source(source) }]
                : [{ label: t("snapshots:title"), to: paths.snapshots() }]
            }
            actions={
              row && (
                <Button
                  leftSection={<IconArrowBackUp size="0.9375rem" />}
                  onClick={() => navigate(paths.restore({ snapshot: row.id, vault: row.vault }))}
                >
                  {t("compare:restoreFromLeft")}
                </Button>
              )
            }
          />
          {before && after && (
            <Pickers before={before} after={after} rows={rows} onSides={(a, b) => set({ a, b, r: null })} />
          )}
        </div>
      )}
      <ListStates query={snapshots} rows={8} what={t("compare:readingList")}>
        {() =>
          before && after ? (
            <Differing
              key={`${before.id} ${after.id}`}
              before={before}
              after={after}
              collection={query.get("c")}
              onCollection={(c) => set({ c, r: null })}
              current={query.get("r") ?? undefined}
              onCurrent={(r) => set({ r: r ?? null })}
              chosen={chosen}
              onChosen={setChosen}
              narrow={narrow}
            />
          ) : query.get("a") || query.get("b") ? (
            <Empty title={t("compare:unknownPoint")}>{t("compare:unknownPointText")}</Empty>
          ) : (
            <SourceChoice rows={rows} onChoose={(name) => set({ b: liveId(name) })} />
          )
        }
      </ListStates>
    </Page>
  );
}
