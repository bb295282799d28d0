/** One record at three moments: then, in the newest backup, live. Field by field a person says what it should be. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { type Choices, changing, type Moment, type Part, partsOf, rowsOf } from "./choices";
import { RestoreFields } from "./RestoreFields";
import { type Side, sideOf } from "./sides";
import { ThreeWay } from "./ThreeWay";
import { titleOfData } from "./text";
import { type RecordMoments, useRecordMoments } from "./useRecordMoments";
import { VersionLine } from "./VersionLine";

/** The snapshot “then” means when none was given: the version before the newest one, or the only one. */
function usualThen(moments: RecordMoments): string | undefined {
  const there = moments.versions.filter((version) => version.hash);
  return (there.at(-2) ?? there.at(-1))?.snapshot;
}

/** The version a snapshot shows: the newest that is not younger. */
function versionAt(moments: RecordMoments, time: string | undefined): string | undefined {
  const there = moments.versions.filter((version) => version.hash && (!time || version.time <= time));
  return there.at(-1)?.snapshot;
}

interface Wanted {
  source: string;
  collection: string;
  id: string;
  a: string | null;
}

function useSides({ source, a }: Wanted) {
  const list = useCall("snapshot.list", { source, all: true }, { enabled: source !== "", silent: true });
  const rows = useMemo(() => (list.data?.snapshots ?? []).filter((row) => row.source === source), [list.data, source]);
  const [picked, setPicked] = useState(a);
  // A safety copy of a restore is no backup of its own, but a version may be found only there.
  const newest = sideOf(rows.filter((row) => !row.safety).at(-1)?.id, rows);
  return { rows, list, newest, given: sideOf(picked, rows), setPicked };
}

/** The page. */
export function RecordComparePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const wanted: Wanted = {
    source: query.get("source") ?? "",
    collection: query.get("c") ?? "",
    id: query.get("r") ?? "",
    a: query.get("a"),
  };
  const { source, collection, id } = wanted;
  const { rows: snapshots, newest, given, setPicked, list } = useSides(wanted);
  const [choices, setChoices] = useState<Choices>({});
  const [previewing, setPreviewing] = useState(false);
  const about = useCall("source.show", { name: source }, { enabled: source !== "", silent: true });
  // Which version is “then” is known once the history is; until then only what the address says.
  const [usual, setUsual] = useState<string | undefined>(undefined);
  const then: Side | undefined = given ?? sideOf(usual, snapshots);
  const moments = useRecordMoments(source, collection, id, { past: then, newest });
  const found = usualThen(moments);
  if (!given && found !== usual) {
    setUsual(found);
  }
  const { live } = moments;
  const rows = useMemo(
    () =>
      rowsOf(moments.fields, {
        past: moments.past.members,
        newest: moments.newest.members,
        live: moments.live.members,
      }),
    [moments.fields, moments.past.members, moments.newest.members, moments.live.members],
  );
  const members = live.members ?? moments.newest.members ?? moments.past.members;
  const title = (members && titleOfData(Object.fromEntries(members))) ?? id;
  const two = then !== undefined && then.id === newest?.id;
  const goneLive = live.members === null;
  const readOnly = about.data?.capabilities?.update === false;
  const locked = goneLive || readOnly || live.members === undefined;
  const chosen = changing(rows, choices);
  const parts = then && newest ? partsOf(rows, choices, { past: then.ref, newest: newest.ref }) : [];
  const choose = (field: string, at: Moment | null) => {
    const { [field]: _, ...rest } = choices;
    setChoices(at ? { ...rest, [field]: at } : rest);
  };
  const nameOf = (part: Part) => {
    const side = part.moment === "past" ? then : newest;
    return side?.row ? moment(side.row.time) : t("compare:record.newest");
  };
  const whole =
    then && moments.past.members
      ? paths.restore({
          snapshot: then.id,
          ...(then.ref.vault ? { vault: then.ref.vault } : {}),
          only: `${collection}/${id}`,
        })
      : null;
  const wrong = list.error ?? moments.history.error;
  const reading =
    !wrong && (list.isPending || moments.history.isPending || (moments.past.pending && rows.length === 0));
  return (
    <Page
      footer={
        rows.length > 0 &&
        !goneLive && (
          <Footer
            changes={chosen.length}
            readOnly={readOnly}
            onLeave={() => navigate(-1)}
            onRestore={() => setPreviewing(true)}
          />
        )
      }
    >
      <PageHeader
        title={title}
        crumbs={[
          { label: source, to: paths.source(source) },
          ...(newest ? [{ label: collection, to: paths.browser(newest.ref, { c: collection }) }] : []),
        ]}
        line={t("compare:record.line")}
        actions={
          then && (
            <Button component={Link} to={paths.browser(then.ref, { c: collection, r: id })}>
              {t("compare:record.browse")}
            </Button>
          )
        }
      />
      {wrong && <ErrorNote error={wrong} onRetry={() => void (list.error ? list : moments.history).refetch()} />}
      {reading && <Loading rows={6} what={t("compare:record.versionsReading")} />}
      {!reading && !wrong && moments.versions.length === 0 && <Empty title={t("compare:record.noVersion")} />}
      {!reading && moments.versions.length > 0 && (
        <>
          <div className="card">
            <VersionLine
              label={t("compare:record.life", { title })}
              versions={moments.versions}
              chosen={then && versionAt(moments, then.row?.time)}
              onChoose={setPicked}
            />
          </div>
          {live.error && <ErrorNote error={live.error} title={t("compare:record.liveUnread")} onRetry={live.retry} />}
          {goneLive && (
            <Note
              status="partial"
              title={t("compare:record.goneLive")}
              actions={
                whole && (
                  <Button
                    component={Link}
                    to={whole}
                    variant="filled"
                    leftSection={<IconArrowBackUp size="0.9375rem" />}
                  >
                    {t("compare:record.whole")}
                  </Button>
                )
              }
            >
              {t("compare:record.goneLiveText")}
            </Note>
          )}
          <ThreeWay
            rows={rows}
            versions={moments.versions}
            past={then && (versionAt(moments, then.row?.time) ?? then.id)}
            thenTime={then?.row?.time}
            newestTime={newest?.row?.time}
            two={two}
            liveNote={live.members ? t("compare:record.readNow") : goneLive ? t("compare:record.notThere") : ""}
            choices={choices}
            onChoose={choose}
            onThen={setPicked}
            locked={locked}
          />
        </>
      )}
      <RestoreFields
        opened={previewing}
        onClose={() => setPreviewing(false)}
        collection={collection}
        id={id}
        parts={parts}
        nameOf={nameOf}
      />
    </Page>
  );
}

interface FooterProps {
  changes: number;
  readOnly: boolean;
  onLeave: () => void;
  onRestore: () => void;
}

/** What would change, and the two ways on. */
function Footer({ changes, readOnly, onLeave, onRestore }: FooterProps) {
  const { t } = useTranslation();
  const what = { count: changes, n: count(changes) };
  return (
    <>
      <span style={{ flex: "1 1 16rem" }} aria-live="polite">
        {readOnly ? (
          t("compare:record.cannotUpdate")
        ) : changes === 0 ? (
          <span className="quiet">{t("compare:record.noneYet")}</span>
        ) : (
          <>
            <b>{t("compare:record.willChange", what)}</b>
            <span className="quiet"> · {t("compare:record.safe")}</span>
          </>
        )}
      </span>
      <Button onClick={onLeave}>{t("compare:record.leave")}</Button>
      <Button
        variant="filled"
        disabled={changes === 0 || readOnly}
        leftSection={<IconArrowBackUp size="0.9375rem" />}
        onClick={onRestore}
      >
        {changes === 0 ? t("compare:record.restoreNone") : t("compare:record.restore", what)}
      </Button>
    </>
  );
}
