/** What a snapshot holds: its collections with counts, and its files. A list at the side, or one field above the table. */
import { Select, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { StatusGlyph } from "../shared/StatusGlyph";
import css from "./Collections.module.css";
import type { CollectionItem } from "./collectionItems";

/** The list and what is open. */
export interface CollectionsProps {
  items: CollectionItem[];
  current: string | undefined;
  onOpen: (name: string) => void;
}

/** More items than this can be searched. */
const MANY = 12;
/** More rows than this are drawn only where they are in sight. */
const VIRTUAL = 200;
const ROW = 28;
/** Taken where nothing can be measured (tests). */
const FALLBACK = 600;

type Line = { key: string; group: string } | { key: string; item: CollectionItem };

function move(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button, input")];
  const next = all[all.indexOf(document.activeElement as HTMLElement) + (step ?? 0)];
  if (step && next) {
    event.preventDefault();
    next.focus();
  }
}

/** What is shown: groups with their items; what belongs to a database only while that one is open. */
function linesOf(items: CollectionItem[], current: string | undefined, search: string): Line[] {
  const needle = search.trim().toLowerCase();
  const open = items.find((item) => item.name === current);
  const owner = open?.parent ?? current;
  const shown = items.filter((item) =>
    item.parent === undefined
      ? needle === "" || item.label.toLowerCase().includes(needle) || item.name === owner
      : item.parent === owner,
  );
  const lines: Line[] = [];
  for (const item of shown) {
    const last = lines.at(-1);
    if (!last || !("item" in last) || last.item.group !== item.group) {
      lines.push({ key: `\u0000${item.group}`, group: item.group });
    }
    lines.push({ key: item.name, item });
  }
  return lines;
}

function Entry({ item, current, onOpen }: { item: CollectionItem } & Omit<CollectionsProps, "items">) {
  const { t } = useTranslation();
  return item.gap ? (
    <Tooltip label={item.gap} multiline maw="20rem">
      <div className={css.item} data-missing role="note">
        <span className="clip">{item.label}</span>
        <StatusGlyph status="partial" label={`${t("snapshots:browser.missing")}: ${item.gap}`} />
      </div>
    </Tooltip>
  ) : (
    <UnstyledButton
      className={css.item}
      data-part={item.parent !== undefined || undefined}
      aria-current={item.name === current ? "true" : undefined}
      title={item.parent === undefined ? item.name : `${item.parent}: ${item.label}`}
      onClick={() => onOpen(item.name)}
    >
      <span className="clip">{item.label}</span>
      {item.records !== undefined && <span className={css.count}>{count(item.records)}</span>}
    </UnstyledButton>
  );
}

/** At the side. */
export function CollectionList({ items, current, onOpen }: CollectionsProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const box = useRef<HTMLElement>(null);
  const tops = items.filter((item) => item.parent === undefined).length;
  const lines = linesOf(items, current, search);
  const long = lines.length > VIRTUAL;
  const virtual = useVirtualizer({
    count: long ? lines.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 0, height: FALLBACK },
    observeElementRect: (_, tell) => {
      const element = box.current;
      const measure = () => tell({ width: 0, height: element?.clientHeight || FALLBACK });
      measure();
      const observer = new ResizeObserver(measure);
      if (element) {
        observer.observe(element);
      }
      return () => observer.disconnect();
    },
  });
  const draw = (line: Line) =>
    "item" in line ? (
      <Entry item={line.item} current={current} onOpen={onOpen} />
    ) : (
      <h2 className={css.group} title={line.group}>
        {line.group}
      </h2>
    );
  return (
    <nav
      ref={box}
      className={css.list}
      aria-label={t("snapshots:browser.contents")}
      data-region
      data-list
      onKeyDown={move}
    >
      {tops > MANY && (
        <div className={css.find}>
          <TextInput
            aria-label={t("snapshots:browser.find")}
            placeholder={t("snapshots:browser.find")}
            leftSection={<IconSearch size="0.875rem" />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        </div>
      )}
      {search.trim() !== "" && lines.length === 0 && (
        <p className="note">{t("snapshots:browser.nothingFound", { text: search.trim() })}</p>
      )}
      {long ? (
        <div style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            return (
              line && (
                <div key={line.key} className={css.row} style={{ transform: `translateY(${start}px)` }}>
                  {draw(line)}
                </div>
              )
            );
          })}
        </div>
      ) : (
        lines.map((line) => <div key={line.key}>{draw(line)}</div>)
      )}
    </nav>
  );
}

/** Above the table, where the window is narrow. */
export function CollectionSelect({ items, current, onOpen }: CollectionsProps) {
  const { t } = useTranslation();
  const owner = items.find((item) => item.name === current)?.parent ?? current;
  const shown = items.filter((item) => item.parent === undefined || item.parent === owner);
  const groups = [...new Set(shown.map((item) => item.group))];
  const option = ({ name, label, parent, records, gap }: CollectionItem) => {
    const text = parent === undefined ? label : `${parent}: ${label}`;
    return {
      value: name,
      label: records === undefined ? text : `${text}  ${count(records)}`,
      disabled: gap !== undefined,
    };
  };
  return (
    <Select
      className={css.select}
      aria-label={t("snapshots:browser.contents")}
      data={groups.map((group) => ({ group, items: shown.filter((item) => item.group === group).map(option) }))}
      value={current ?? null}
      onChange={(name) => name && onOpen(name)}
      allowDeselect={false}
      searchable={shown.length > MANY}
      limit={VIRTUAL}
    />
  );
}
