/** All versions of a record or file: the stay, upright. Each says what changed, and leads to comparing and restoring. */
import { Badge } from "@mantine/core";
import { Link } from "react-router";
import { type FieldChange, type HistoryVersion, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment } from "../i18n/format";
import { withoutRevisions } from "../shared/diff/revision";
import { FieldDiff } from "../shared/FieldDiff";
import { Empty, ListStates } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { Problems } from "./Problems";
import { FILES, onlyOf } from "./place";
import css from "./VersionsTab.module.css";
import { plain } from "./values";

/** Fields shown for one version. */
const FIELDS = 3;
/** Longer values are named, not shown. */
const SHORT = 120;

/** What has versions. */
export interface VersionsTabProps {
  source: string;
  collection: string;
  id: string;
  /** Time of the snapshot that is open; absent for the live source. */
  time: string | undefined;
}

/** `/Open tasks` → `Open tasks`; deeper ones keep their slashes. */
export function fieldName(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(" › ");
}

function shown(value: unknown): unknown {
  return value === undefined ? undefined : plain(value);
}

function Changed({ change }: { change: FieldChange }) {
  const { t } = useTranslation();
  const [before, after] = [shown(change.before), shown(change.after)];
  const long = [before, after].some((text) => typeof text === "string" && (text.length > SHORT || text.includes("\n")));
  return (
    <div className={css.change}>
      <span className="quiet">{fieldName(change.field) || t("snapshots:record.value")}</span>{" "}
      {long ? <span>{t("snapshots:versions.text")}</span> : <FieldDiff before={before} after={after} mode="one" />}
    </div>
  );
}

function What({ version, first }: { version: HistoryVersion; first: boolean }) {
  const { t } = useTranslation();
  if (!version.hash) {
    return <div className={css.gone}>{t("snapshots:versions.gone")}</div>;
  }
  if (first) {
    return <div className="quiet">{t("snapshots:versions.first")}</div>;
  }
  const fields = withoutRevisions(version.fields);
  const more = fields.length - FIELDS;
  return (
    <>
      {fields.slice(0, FIELDS).map((change) => (
        <Changed key={change.field} change={change} />
      ))}
      {more > 0 && <div className="quiet">{t("snapshots:versions.moreFields", { count: more, n: count(more) })}</div>}
      {fields.length === 0 && <div className="quiet">{t("snapshots:versions.content")}</div>}
    </>
  );
}

/** The version a moment falls into: the newest that is not younger. */
function hereOf(versions: HistoryVersion[], time: string | undefined): HistoryVersion | undefined {
  return time === undefined ? undefined : versions.filter((version) => version.time <= time).at(-1);
}

/** The tab. */
export function VersionsTab({ source, collection, id, time }: VersionsTabProps) {
  const { t } = useTranslation();
  const history = useCall("record.history", { source, collection, id });
  return (
    <ListStates
      query={history}
      rows={4}
      what={t("snapshots:versions.reading")}
      isEmpty={(data) => data.versions.length === 0}
      empty={<Empty title={t("snapshots:versions.none")} />}
    >
      {({ versions, problems }) => {
        const here = hereOf(versions, time);
        const all = versions.reduce((sum, version) => sum + version.snapshots, 0);
        return (
          <>
            {problems && <Problems problems={problems} />}
            <ol className={css.stay} aria-label={t("snapshots:versions.label")}>
              {[...versions].reverse().map((version) => {
                const at = { snapshot: version.snapshot, vault: version.vault };
                const only = collection === FILES ? `${FILES}/${id}` : `${collection}/${id}`;
                return (
                  <li
                    key={version.snapshot}
                    className={css.version}
                    data-here={version === here || undefined}
                    data-gone={!version.hash || undefined}
                  >
                    <div className={css.head}>
                      {version.hash ? (
                        <Link
                          to={paths.browser(at, { c: collection, r: id })}
                          className={css.when}
                          title={exact(version.time)}
                        >
                          {moment(version.time)}
                        </Link>
                      ) : (
                        <span className={css.when} title={exact(version.time)}>
                          {moment(version.time)}
                        </span>
                      )}
                      {version === here && (
                        <Badge variant="light" size="sm" tt="none">
                          {t("snapshots:versions.here")}
                        </Badge>
                      )}
                      {version.hash && (
                        <span className={css.actions}>
                          {collection !== FILES && (
                            <Link to={paths.compareRecord({ source, c: collection, r: id, a: version.snapshot })}>
                              {t("snapshots:versions.compare")}
                            </Link>
                          )}
                          <Link to={paths.restore({ ...at, only: onlyOf([only]) })}>
                            {t("snapshots:versions.restore")}
                          </Link>
                        </span>
                      )}
                    </div>
                    <What version={version} first={version === versions[0]} />
                  </li>
                );
              })}
            </ol>
            <p className="note">
              {t("snapshots:versions.sum", {
                count: versions.length,
                n: count(versions.length),
                all: count(all),
                rest: count(all - versions.length),
              })}
            </p>
          </>
        );
      }}
    </ListStates>
  );
}
