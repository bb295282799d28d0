/** Whether a record still looks like this at its source. Read a moment after the record, so that walking through a table asks nothing. */
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { isRevision } from "../shared/diff/revision";
import { paths } from "../shared/paths";
import { type Status, StatusGlyph, statusColor } from "../shared/StatusGlyph";
import css from "./LiveBlock.module.css";
import { liveRef } from "./place";
import { useRecord } from "./useRecord";
import { membersOf, sameValue } from "./values";

/** Milliseconds a record has to stay open before its source is asked. */
const REST = 500;

const serviceWords = { _attachments: "attachments", _conflicts: "conflicts", _deleted: "deleted" } as const;

/** A record and its source. */
export interface LiveBlockProps {
  source: string;
  at: SnapshotRef;
  collection: string;
  id: string;
  data: unknown;
}

/** Names of the members that differ. Revisions are no content. */
export function differing(one: unknown, other: unknown): string[] {
  const [before, after] = [new Map(membersOf(one)), new Map(membersOf(other))];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !isRevision(`/${name}`, before.get(name) ?? after.get(name)),
  );
  return names.filter((name) => before.has(name) !== after.has(name) || !sameValue(before.get(name), after.get(name)));
}

function useRested(key: string): boolean {
  const [rested, setRested] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(key), REST);
    return () => clearTimeout(timer);
  }, [key]);
  return rested === key;
}

/** The block below the fields. */
export function LiveBlock({ source, at, collection, id, data }: LiveBlockProps) {
  const { t } = useTranslation();
  const rested = useRested(`${at.snapshot}/${collection}/${id}`);
  const live = useRecord(liveRef(source), collection, id, rested);
  const compare = paths.compareRecord({ source, c: collection, r: id, a: at.snapshot });
  let status: Status = "running";
  let word = t("snapshots:live.reading");
  let sentence = "";
  if (live.error) {
    const gone = live.error.code === "notFound";
    status = "partial";
    word = t(gone ? "snapshots:live.gone" : "snapshots:live.unread");
    sentence = gone ? t("snapshots:live.goneText") : live.error.message;
  } else if (!live.pending) {
    const names = differing(data, live.data).map((name) =>
      name in serviceWords ? t(`snapshots:live.${serviceWords[name as keyof typeof serviceWords]}`) : name,
    );
    status = names.length ? "partial" : "complete";
    word = names.length
      ? t("snapshots:live.differ", { count: names.length, n: count(names.length) })
      : t("snapshots:live.same");
    const some = names.slice(0, 4).join(", ");
    sentence = names.length
      ? t(names.length > 4 ? "snapshots:live.differMany" : "snapshots:live.differText", {
          names: some,
          count: names.length,
        })
      : "";
  }
  return (
    <section className={css.block} aria-label={t("snapshots:live.title")} aria-busy={status === "running"}>
      <div className={css.head}>
        <h2>{t("snapshots:live.title")}</h2>
        <span className={css.state} style={{ color: statusColor(status, "ink") }} role="status">
          <StatusGlyph status={status} />
          {word}
        </span>
      </div>
      {sentence && <p className="quiet">{sentence}</p>}
      <Link to={compare} className="strong">
        {t("snapshots:live.compare")}
      </Link>
    </section>
  );
}
