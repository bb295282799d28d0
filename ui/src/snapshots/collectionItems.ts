/** What there is to choose from in a point in time: its collections in groups, what is missing, its files. */
import type { Collection, Gap } from "../api";
import type { useTranslation } from "../i18n";
import { databaseNames, partOf } from "../shared/databases";
import { FILES } from "./place";

/** One thing to choose. */
export interface CollectionItem {
  name: string;
  label: string;
  group: string;
  records: number | undefined;
  /** The database it is a part of. */
  parent?: string;
  /** It is missing from this snapshot, and why. */
  gap?: string;
}

type T = ReturnType<typeof useTranslation>["t"];

function itemOf(t: T, one: Collection, records: number | undefined, databases: Set<string>): CollectionItem {
  const { name, title, kind } = one;
  if (databases.size > 0) {
    const part = partOf(name);
    const group = t("snapshots:browser.databases");
    return part && databases.has(part.database)
      ? { name, label: t(`snapshots:part.${part.part}`), group, records, parent: part.database }
      : { name, label: title ?? name, group, records };
  }
  const cut = name.lastIndexOf("/");
  const workspace = cut > 0 ? name.slice(0, cut) : t("snapshots:browser.collections");
  return {
    name,
    label: title ?? name.slice(cut + 1),
    group: kind === "table" ? workspace : t("snapshots:browser.alsoSaved"),
    records,
  };
}

/** Collections in groups: by workspace where names have one, parts of a database after it, what is not a table apart, files last. */
export function collectionItems(
  t: T,
  collections: Collection[],
  counts: Map<string, number>,
  gaps: Gap[],
  files: number | undefined,
): CollectionItem[] {
  const databases = databaseNames(collections.map(({ name }) => name));
  const items = collections.map((one) => itemOf(t, one, counts.get(one.name), databases));
  const known = new Set(collections.map((one) => one.name));
  const missing = collections.length
    ? gaps.filter((gap) => !known.has(gap.subject) && !gap.subject.includes("/") && gap.subject !== FILES)
    : [];
  for (const gap of missing) {
    const group = t("snapshots:browser.notSaved");
    items.push({ name: gap.subject, label: gap.subject, group, records: undefined, gap: gap.message });
  }
  if (files && !known.has(FILES)) {
    const group = t("snapshots:browser.alsoSaved");
    items.push({ name: FILES, label: t("snapshots:browser.files"), group, records: undefined });
  }
  const groups = [...new Set(items.map((item) => item.group))];
  return groups.flatMap((group) => withParts(items.filter((item) => item.group === group)));
}

/** Every database is followed by its parts, whatever sorts between their names. */
function withParts(items: CollectionItem[]): CollectionItem[] {
  const parts = new Map<string, CollectionItem[]>();
  for (const item of items) {
    if (item.parent !== undefined) {
      parts.set(item.parent, [...(parts.get(item.parent) ?? []), item]);
    }
  }
  return items.filter((item) => item.parent === undefined).flatMap((item) => [item, ...(parts.get(item.name) ?? [])]);
}
