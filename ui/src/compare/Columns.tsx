/** Columns that differ between two sides: they explain many changed records at once, so they stand first. */
import { type Collection, useCall } from "../api";
import { useTranslation } from "../i18n";
import { ChangeSign } from "./ChangeSign";
import css from "./Columns.module.css";
import type { Side } from "./sides";

/** Columns of one collection that differ. */
export interface ColumnChange {
  collection: string;
  added: string[];
  removed: string[];
  /** Name, old and new type. */
  retyped: [name: string, before: string, after: string][];
}

/** Compares the columns of collections that both sides have. */
export function columnChanges(before: Collection[], after: Collection[]): ColumnChange[] {
  const found: ColumnChange[] = [];
  for (const old of before) {
    const fresh = after.find((one) => one.name === old.name);
    if (!fresh || old.schema.fields.length === 0 || fresh.schema.fields.length === 0) {
      continue;
    }
    const [was, is] = [old, fresh].map((one) => new Map(one.schema.fields.map((field) => [field.name, field.kind])));
    const added = [...(is?.keys() ?? [])].filter((name) => !was?.has(name));
    const removed = [...(was?.keys() ?? [])].filter((name) => !is?.has(name));
    const retyped = [...(was ?? [])].flatMap(([name, kind]): ColumnChange["retyped"] => {
      const now = is?.get(name);
      return now !== undefined && now !== kind ? [[name, kind, now]] : [];
    });
    if (added.length || removed.length || retyped.length) {
      found.push({ collection: old.name, added, removed, retyped });
    }
  }
  return found;
}

function useCollections(side: Side): Collection[] | undefined {
  const snapshot = side.row !== undefined;
  const show = useCall("snapshot.show", side.ref, { enabled: snapshot, silent: true });
  const list = useCall("browse.list", { at: side.ref, limit: 1 }, { enabled: !snapshot, silent: true, topics: [] });
  return snapshot ? show.data?.collections : list.data?.collections;
}

/** The block above the list; nothing while columns are the same. */
export function Columns({ before, after }: { before: Side; after: Side }) {
  const { t } = useTranslation();
  const [was, is] = [useCollections(before), useCollections(after)];
  const changes = was && is ? columnChanges(was, is) : [];
  if (changes.length === 0) {
    return null;
  }
  return (
    <section className={css.columns} aria-label={t("compare:columns")}>
      <h2>{t("compare:columns")}</h2>
      <ul>
        {changes.map((change) => (
          <li key={change.collection}>
            <span className="strong">{change.collection}</span>
            {change.added.map((name) => (
              <span key={`+${name}`}>
                <ChangeSign change="added" /> {name}
              </span>
            ))}
            {change.removed.map((name) => (
              <span key={`-${name}`}>
                <ChangeSign change="removed" /> <s>{name}</s>
              </span>
            ))}
            {change.retyped.map(([name, old, now]) => (
              <span key={name}>
                <ChangeSign change="changed" /> {name}: {old} → {now}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
