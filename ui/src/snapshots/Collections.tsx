/** What a snapshot holds: its collections with counts, and its files. A list at the side, or one field above the table. */
import { Select, Tooltip, UnstyledButton } from "@mantine/core";
import type { KeyboardEvent } from "react";
import type { Collection, Gap } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { StatusGlyph } from "../shared/StatusGlyph";
import css from "./Collections.module.css";
import { FILES } from "./place";

/** One thing to choose. */
export interface CollectionItem {
  name: string;
  label: string;
  group: string;
  records: number | undefined;
  /** It is missing from this snapshot, and why. */
  gap?: string;
}

type T = ReturnType<typeof useTranslation>["t"];

/** Collections in groups: by workspace where names have one, what is not a table apart, files last. */
export function collectionItems(
  t: T,
  collections: Collection[],
  counts: Map<string, number>,
  gaps: Gap[],
  files: number | undefined,
): CollectionItem[] {
  const items = collections.map((one): CollectionItem => {
    const cut = one.name.lastIndexOf("/");
    const workspace = cut > 0 ? one.name.slice(0, cut) : t("snapshots:browser.collections");
    return {
      name: one.name,
      label: one.title ?? one.name.slice(cut + 1),
      group: one.kind === "table" ? workspace : t("snapshots:browser.alsoSaved"),
      records: counts.get(one.name),
    };
  });
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
  return groups.flatMap((group) => items.filter((item) => item.group === group));
}

/** The list and what is open. */
export interface CollectionsProps {
  items: CollectionItem[];
  current: string | undefined;
  onOpen: (name: string) => void;
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const next = all[all.indexOf(document.activeElement as HTMLElement) + (step ?? 0)];
  if (step && next) {
    event.preventDefault();
    next.focus();
  }
}

/** At the side. */
export function CollectionList({ items, current, onOpen }: CollectionsProps) {
  const { t } = useTranslation();
  const groups = [...new Set(items.map((item) => item.group))];
  return (
    <nav className={css.list} aria-label={t("snapshots:browser.contents")} data-region data-list onKeyDown={move}>
      {groups.map((group) => (
        <section key={group}>
          <h2 className={css.group} title={group}>
            {group}
          </h2>
          {items
            .filter((item) => item.group === group)
            .map((item) =>
              item.gap ? (
                <Tooltip key={item.name} label={item.gap} multiline maw="20rem">
                  <div className={css.item} data-missing role="note">
                    <span className="clip">{item.label}</span>
                    <StatusGlyph status="partial" label={`${t("snapshots:browser.missing")}: ${item.gap}`} />
                  </div>
                </Tooltip>
              ) : (
                <UnstyledButton
                  key={item.name}
                  className={css.item}
                  aria-current={item.name === current ? "true" : undefined}
                  title={item.name}
                  onClick={() => onOpen(item.name)}
                >
                  <span className="clip">{item.label}</span>
                  {item.records !== undefined && <span className={css.count}>{count(item.records)}</span>}
                </UnstyledButton>
              ),
            )}
        </section>
      ))}
    </nav>
  );
}

/** Above the table, where the window is narrow. */
export function CollectionSelect({ items, current, onOpen }: CollectionsProps) {
  const { t } = useTranslation();
  const groups = [...new Set(items.map((item) => item.group))];
  const option = ({ name, label, records, gap }: CollectionItem) => ({
    value: name,
    label: records === undefined ? label : `${label}  ${count(records)}`,
    disabled: gap !== undefined,
  });
  return (
    <Select
      className={css.select}
      aria-label={t("snapshots:browser.contents")}
      data={groups.map((group) => ({ group, items: items.filter((item) => item.group === group).map(option) }))}
      value={current ?? null}
      onChange={(name) => name && onOpen(name)}
      allowDeselect={false}
      searchable={items.length > 12}
    />
  );
}
