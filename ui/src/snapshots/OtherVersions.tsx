/** The other versions of a document in conflict: each against the one the source shows, field by field. */
import { Badge, Button, CopyButton } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { FieldDiff } from "../shared/FieldDiff";
import { paths } from "../shared/paths";
import { Attachments } from "./Attachments";
import { type DocumentView, type Leaf, shortRev } from "./documents";
import { FieldValue } from "./FieldValue";
import css from "./OtherVersions.module.css";
import { jsonText, kindOf, plain, sameValue } from "./values";

function shown(value: unknown): unknown {
  return value === undefined || typeof value === "string"
    ? value
    : kindOf(value) === "json"
      ? jsonText(value)
      : plain(value);
}

function namesOf(one: Leaf, other: Leaf): { differ: string[]; same: string[] } {
  const names = [...new Set([...Object.keys(one.fields), ...Object.keys(other.fields)])];
  const same = names.filter(
    (name) => name in one.fields && name in other.fields && sameValue(one.fields[name], other.fields[name]),
  );
  return { differ: names.filter((name) => !same.includes(name)), same };
}

function Version({ at, winner, leaf }: { at: SnapshotRef; winner: Leaf; leaf: Leaf }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const { differ, same } = namesOf(winner, leaf);
  return (
    <li className={css.version}>
      <div className={css.head}>
        <h3>
          {t("snapshots:others.version")} <code title={leaf.rev}>{shortRev(leaf.rev)}</code>
        </h3>
        {leaf.deleted && (
          <Badge variant="light" color="gray" size="sm" tt="none">
            {t("snapshots:record.deleted")}
          </Badge>
        )}
        <CopyButton value={leaf.rev}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconCopy size="0.875rem" />}
              aria-label={t("snapshots:others.copyOf", { rev: leaf.rev })}
              onClick={copy}
            >
              {t(copied ? "common:action.copied" : "snapshots:others.copy")}
            </Button>
          )}
        </CopyButton>
      </div>
      {leaf.deleted ? (
        <p className="quiet">{t("snapshots:others.deleted")}</p>
      ) : (
        <>
          <p className="note">
            {differ.length > 0
              ? t("snapshots:others.differ", { count: differ.length, n: count(differ.length) })
              : t("snapshots:others.same")}
          </p>
          <dl className={css.fields}>
            {differ.map((name) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <FieldDiff before={shown(winner.fields[name])} after={shown(leaf.fields[name])} mode="one" />
                </dd>
              </div>
            ))}
            {all &&
              same.map((name) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <FieldValue value={leaf.fields[name]} />
                  </dd>
                </div>
              ))}
          </dl>
          {same.length > 0 && (
            <button type="button" className={css.more} aria-expanded={all} onClick={() => setAll(!all)}>
              {t(all ? "snapshots:others.hideSame" : "snapshots:others.showSame", {
                count: same.length,
                n: count(same.length),
              })}
            </button>
          )}
        </>
      )}
      <Attachments at={at} assets={leaf.assets} />
    </li>
  );
}

/** A document in conflict. */
export interface OtherVersionsProps {
  at: SnapshotRef;
  document: DocumentView;
  /** The source, where its conflicts can be settled. */
  source: string | undefined;
}

/** The tab. */
export function OtherVersions({ at, document, source }: OtherVersionsProps) {
  const { t } = useTranslation();
  const { winner, others } = document;
  return (
    <>
      <p>
        {t("snapshots:others.line", { count: others.length, n: count(others.length) })}{" "}
        <code title={winner.rev}>{shortRev(winner.rev)}</code>
      </p>
      <p className="note">{t("snapshots:others.kept")}</p>
      <ol className={css.versions} aria-label={t("snapshots:others.label")}>
        {others.map((leaf) => (
          <Version key={leaf.rev} at={at} winner={winner} leaf={leaf} />
        ))}
      </ol>
      {source && (
        <Link to={paths.source(source, "conflicts")} className="strong">
          {t("snapshots:others.settle", { source })}
        </Link>
      )}
    </>
  );
}
