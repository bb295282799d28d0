/** Step 1: from which point in time. A backup is picked from the list or the line, or a date and time is typed. */
import { Button, Radio, Select, TextInput } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { type SnapshotRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { clock, count, day, duration, exact, moment as when } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { verdictStatus } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { VerdictPill } from "../shared/VerdictPill";
import { undecided } from "./draft";
import { momentText, parseMoment } from "./moment";
import { PointGaps } from "./PointGaps";
import { PointLine } from "./PointLine";
import css from "./StepWhen.module.css";
import { everything } from "./ticks";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

const PAGE = 40;

/** The newest good backup at or before a time; a partial one only where there is no complete one. */
export function backupAt(rows: SnapshotRow[], time: Date): SnapshotRow | undefined {
  const before = rows.filter((row) => new Date(row.time) <= time);
  return before.findLast((row) => row.verdict === "complete") ?? before.at(-1);
}

function useSources(): string[] {
  const all = useCall("snapshot.list", {}, { silent: true });
  return useMemo(() => [...new Set(all.data?.snapshots.map((row) => row.source))].sort(), [all.data]);
}

function TypedMoment({ rows }: { rows: SnapshotRow[] }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const now = useNow();
  const [typed, setTyped] = useState<string | null>(null);
  const chosen = rows.find((row) => row.id === draft.at?.snapshot && row.vault === draft.at?.vault);
  const text = typed ?? (draft.moment || (chosen ? momentText(new Date(chosen.time)) : ""));
  const time = text ? parseMoment(text, now) : null;
  const found = time ? backupAt(rows, time) : undefined;
  const take = (value: string) => {
    setTyped(value);
    const wanted = parseMoment(value, now);
    const row = wanted && backupAt(rows, wanted);
    if (row) {
      change({ moment: value, at: { snapshot: row.id, vault: row.vault }, ...undecided });
    }
  };
  const typing = typed ?? draft.moment;
  const apart = found && time ? (time.getTime() - new Date(found.time).getTime()) / 1000 : 0;
  const coarse = apart < 3600 ? Math.round(apart / 60) * 60 : Math.round(apart / 3600) * 3600;
  return (
    <div className={css.moment}>
      <TextInput
        aria-label={t("restore:when.field")}
        placeholder={t("restore:when.example", { time: momentText(now) })}
        leftSection={<IconClock size="1rem" />}
        value={text}
        onChange={(event) => take(event.currentTarget.value)}
        error={typing !== "" && !time}
        className={css.field ?? ""}
      />
      <div className="quiet" aria-live="polite">
        {typing !== "" && !time && t("restore:when.notATime")}
        {typing !== "" && time && !found && t("restore:when.nothingBefore")}
        {typing !== "" && found && (
          <>
            {t("restore:when.gives")} <strong>{`${day(found.time, now)}, ${clock(found.time)}`}</strong>
            {coarse > 0 && t("restore:when.before", { time: duration(coarse) })}
          </>
        )}
      </div>
    </div>
  );
}

function Points({ rows, gaps }: { rows: SnapshotRow[]; gaps: Map<string, number> }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const now = useNow();
  const [shown, setShown] = useState(PAGE);
  const newest = useMemo(() => [...rows].reverse(), [rows]);
  const current = newest.findIndex(
    (row) => row.id === draft.at?.snapshot && (!draft.at.vault || row.vault === draft.at.vault),
  );
  // The chosen one is always in sight, however old it is.
  const some = newest.slice(0, Math.max(shown, current + 1));
  const value = (row: SnapshotRow) => `${row.vault}\n${row.id}`;
  const chosen = newest[current];
  return (
    <>
      <Radio.Group
        aria-label={t("restore:when.list")}
        value={chosen ? value(chosen) : null}
        onChange={(picked) => {
          const row = newest.find((one) => value(one) === picked);
          if (row) {
            change({ at: { snapshot: row.id, vault: row.vault }, moment: "", ...undecided });
          }
        }}
      >
        <div className={`card ${css.list}`} data-list>
          {some.map((row) => (
            <Radio.Card key={value(row)} value={value(row)} className={css.point ?? ""} title={exact(row.time)}>
              <Radio.Indicator className={css.box ?? ""} size="xs" />
              <span className={css.time}>{when(row.time, now)}</span>
              <VerdictPill status={verdictStatus(row.verdict)} plain />
              <span className={`${css.fact} clip`}>
                {[
                  row.tags.length > 0 ? row.tags.join(", ") : "",
                  gaps.get(row.id)
                    ? t("common:gaps", { count: gaps.get(row.id) ?? 0, n: count(gaps.get(row.id) ?? 0) })
                    : "",
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              <span className={`${css.vault} clip`}>{row.vault}</span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
      {newest.length > some.length && (
        <Button className={css.more ?? ""} onClick={() => setShown(some.length + PAGE)}>
          {t("restore:when.older", { count: newest.length - some.length, n: count(newest.length - some.length) })}
        </Button>
      )}
    </>
  );
}

/** The first step. */
export function StepWhen() {
  const { t } = useTranslation();
  const { draft, change, go, leave } = useWizard();
  const sources = useSources();
  const source = draft.source;
  const snapshots = useCall("snapshot.list", { source }, { enabled: source !== null });
  const overview = useCall(
    "overview",
    { source, since: "1970-01-01T00:00:00Z" },
    { enabled: source !== null, silent: true },
  );
  const points = useMemo(() => overview.data?.sources[0]?.points ?? [], [overview.data]);
  const gaps = useMemo(() => new Map(points.map((point) => [point.snapshot ?? "", point.gaps])), [points]);
  const rows = (snapshots.data?.snapshots ?? []).filter((row) => !row.safety);
  const next = () => go("what");
  // The newest good backup is what most people come for.
  const newest = draft.at === null ? backupAt(rows, new Date(8.64e15)) : undefined;
  useEffect(() => {
    if (newest) {
      change({ at: { snapshot: newest.id, vault: newest.vault } });
    }
  }, [newest, change]);
  return (
    <WizardPage
      step={0}
      question={t("restore:when.title")}
      line={t("restore:when.line")}
      onClose={leave}
      scope={t("restore:when.safe")}
      buttons={
        <>
          <Button onClick={leave}>{t("common:action.cancel")}</Button>
          <MainButton onClick={next} disabled={!draft.at || (typeof source === "string" && rows.length === 0)}>
            {t("restore:continue")}
          </MainButton>
        </>
      }
    >
      {(draft.chooseSource || source === null) && (
        <Select
          className={css.source ?? ""}
          label={t("restore:when.source")}
          placeholder={t("restore:when.chooseSource")}
          data={source !== null && !sources.includes(source) ? [source, ...sources] : sources}
          value={source}
          searchable
          allowDeselect={false}
          onChange={(name) =>
            name !== source &&
            change({ source: name, at: null, moment: "", ticks: everything, path: null, ...undecided })
          }
        />
      )}
      {source !== null && (
        <ListStates
          query={snapshots}
          what={t("restore:when.reading")}
          isEmpty={() => rows.length === 0}
          empty={<Empty title={t("restore:when.none", { source })}>{t("restore:when.noneLine")}</Empty>}
        >
          {() => (
            <>
              <TypedMoment rows={rows} />
              <PointLine points={points} />
              <PointGaps />
              <Points rows={rows} gaps={gaps} />
            </>
          )}
        </ListStates>
      )}
    </WizardPage>
  );
}
