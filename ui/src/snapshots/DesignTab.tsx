/** A design document as what it does: views, checks, filters, each with its code. */
import type { SnapshotRef } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Attachments } from "./Attachments";
import { Code } from "./Code";
import css from "./DesignTab.module.css";
import { designGroups, designOf } from "./design";
import type { Leaf } from "./documents";
import { FieldsTab } from "./FieldsTab";

/** The tab. */
export function DesignTab({ at, data, leaf }: { at: SnapshotRef; data: unknown; leaf: Leaf }) {
  const { t } = useTranslation();
  const { parts, rest } = designOf(data);
  return (
    <>
      {Object.keys(rest).length > 0 && <FieldsTab at={at} data={rest} fields={[]} assets={[]} />}
      {designGroups.map((group) => {
        const mine = parts.filter((part) => part.group === group);
        return mine.length === 0 ? null : (
          <section key={group} className={css.group}>
            <h3>
              {t(`snapshots:design.${group}`)}{" "}
              <span className="quiet">{count(new Set(mine.map((p) => p.name)).size)}</span>
            </h3>
            <p className="note">{t(`snapshots:design.${group}Line`)}</p>
            {mine.map((part) => (
              <Code
                key={`${part.name}/${part.role}`}
                code={part.code}
                label={[part.name, part.role].filter(Boolean).join(" · ") || group}
              />
            ))}
          </section>
        );
      })}
      {parts.length === 0 && <p className="quiet">{t("snapshots:design.none")}</p>}
      <Attachments at={at} assets={leaf.assets} />
    </>
  );
}
