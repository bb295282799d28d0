/** One thing that was found: what and where it is, the words around the match, how long it was there, and the way to it. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { type SearchHit, useCall } from "../api";
import { useTranslation } from "../i18n";
import { paths } from "../shared/paths";
import { SourceIcon } from "../shared/SourceIcon";
import css from "./HitRow.module.css";
import { LifeLine } from "./LifeLine";
import { markPieces } from "./marks";
import { FILES, onlyOf } from "./place";

function Marked({ text, wanted }: { text: string; wanted: string }) {
  return markPieces(text, wanted).map((piece, at) => (
    <Fragment key={at}>{piece.hit ? <mark className={css.mark}>{piece.text}</mark> : piece.text}</Fragment>
  ));
}

/** A hit and what is known around it. */
export interface HitRowProps {
  hit: SearchHit;
  wanted: string;
  kind: string | undefined;
  /** Time of the oldest snapshot of the source. */
  from: string | undefined;
}

/** One row. When it was first seen is looked up once somebody rests on it. */
export function HitRow({ hit, wanted, kind, from }: HitRowProps) {
  const { t } = useTranslation();
  const [rested, setRested] = useState(false);
  const { source, collection, id } = hit;
  const history = useCall("record.history", { source, collection, id }, { enabled: rested, silent: true });
  const since = history.data?.versions.find((version) => version.hash)?.time;
  const at = { snapshot: hit.snapshot, vault: hit.vault };
  const open = paths.browser(at, { c: collection, r: id });
  const only = onlyOf([collection === FILES ? `${FILES}/${id}` : `${collection}/${id}`]);
  const gone = hit.fate === "removed";
  const where = collection === FILES ? id : collection;
  return (
    <li className={css.row} onPointerEnter={() => setRested(true)} onFocus={() => setRested(true)}>
      <SourceIcon kind={kind ?? ""} />
      <div className={css.text}>
        <div className={css.head}>
          <Link to={open} data-row={`${source}/${collection}/${id}`} className={css.title}>
            <Marked text={hit.title || id} wanted={wanted} />
          </Link>
          <span className="note">
            {source} › {where}
          </span>
        </div>
        <p className={css.excerpt}>
          <Marked text={hit.excerpt} wanted={wanted} />
        </p>
      </div>
      <div className={css.life}>
        <LifeLine from={from} since={since} last={hit.time} now={hit.now} gone={gone} />
      </div>
      <div className={css.action}>
        {hit.now ? (
          <Button component={Link} to={open} size="compact-sm" tabIndex={-1}>
            {t("snapshots:search.open")}
          </Button>
        ) : (
          <Button
            component={Link}
            to={paths.restore({ ...at, only })}
            size="compact-sm"
            leftSection={<IconArrowBackUp size="0.875rem" />}
          >
            {t("common:action.restore")}
          </Button>
        )}
      </div>
    </li>
  );
}
