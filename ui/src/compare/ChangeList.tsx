/** All differences, grouped by collection. Only what is in sight is drawn; the current one is what the right side shows. */
import { observeElementRect, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { type RecordChange, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { useShortcut } from "../shared/shortcuts";
import css from "./ChangeList.module.css";
import { ChangeSign } from "./ChangeSign";
import { changeKey, type Entry } from "./entries";
import type { Side } from "./sides";
import { titleOfData, titleOfFields } from "./text";

/** Size taken where nothing can be measured (tests). */
const UNMEASURED = { width: 290, height: 640 };

/** The list and what is chosen. */
export interface ChangeListProps {
  entries: Entry[];
  before: Side;
  after: Side;
  current: string | undefined;
  onChoose: (change: RecordChange) => void;
}

/** What people call a changed record. Edited ones are read for it, from a snapshot rather than from the live source. */
export function useTitle(change: RecordChange, before: Side, after: Side): string {
  const named = titleOfFields(change.fields ?? []);
  const side = change.change === "added" ? after : before.row || !after.row ? before : after;
  const { collection, id } = change;
  const { data } = useCall(
    "record.get",
    { at: side.ref, collection, id },
    { enabled: named === null && collection !== "files", silent: true, topics: [] },
  );
  return named ?? titleOfData(data?.record.data) ?? id;
}

function ChangeRow({ change, before, after }: { change: RecordChange; before: Side; after: Side }) {
  const { t } = useTranslation();
  const title = useTitle(change, before, after);
  const fields = change.fields?.length ?? 0;
  return (
    <>
      <ChangeSign change={change.change} />
      <span className={`${css.title} clip`} data-gone={change.change === "removed" || undefined} title={title}>
        {title}
      </span>
      {change.change === "changed" && fields > 0 && (
        <span className="note">{t("compare:fields", { count: fields, n: count(fields) })}</span>
      )}
    </>
  );
}

function step(entries: Entry[], from: number, by: number): RecordChange | undefined {
  for (let at = from + by; at >= 0 && at < entries.length; at += by) {
    const entry = entries[at];
    if (entry?.kind === "change") {
      return entry.change;
    }
  }
  return undefined;
}

/** See {@link ChangeListProps}. */
export function ChangeList({ entries, before, after, current, onChoose }: ChangeListProps) {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: (at) => (entries[at]?.kind === "group" ? 28 : 36) * rem,
    overscan: 8,
    initialRect: UNMEASURED,
    observeElementRect: (list, measured) =>
      observeElementRect(list, (rect) => measured(rect.height > 0 ? rect : UNMEASURED)),
  });
  const here = entries.findIndex((entry) => entry.kind === "change" && changeKey(entry.change) === current);
  const go = (change: RecordChange | undefined) => {
    if (change) {
      onChoose(change);
      rows.scrollToIndex(entries.findIndex((entry) => entry.kind === "change" && entry.change === change));
    }
  };
  useShortcut("J", t("compare:keys.next"), () => go(step(entries, here, 1)), { group: "letters" });
  useShortcut("K", t("compare:keys.previous"), () => go(step(entries, here, -1)), { group: "letters" });
  const first = useRef(true);
  useEffect(() => {
    // A record that the address names is brought into sight once.
    if (first.current && here >= 0) {
      first.current = false;
      rows.scrollToIndex(here);
    }
  }, [here, rows]);
  const onKeyDown = (event: KeyboardEvent) => {
    const goals: Record<string, [from: number, by: number]> = {
      ArrowDown: [here, 1],
      ArrowUp: [here, -1],
      Home: [-1, 1],
      End: [entries.length, -1],
    };
    const goal = goals[event.key];
    if (goal) {
      event.preventDefault();
      go(step(entries, ...goal));
    }
  };
  return (
    <div
      ref={box}
      className={css.list}
      role="listbox"
      tabIndex={0}
      aria-label={t("compare:list")}
      aria-activedescendant={here >= 0 ? `${id}-${here}` : undefined}
      data-region
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((item) => {
          const entry = entries[item.index];
          if (!entry) {
            return null;
          }
          const place = { height: item.size, transform: `translateY(${item.start}px)` };
          if (entry.kind === "group") {
            return (
              <div key={item.key} role="presentation" className={css.group} style={place}>
                <span className="clip" title={entry.collection}>
                  {entry.collection}
                </span>
                <span className="note">
                  {t("compare:ofTotal", { n: count(entry.changes), total: count(entry.total) })}
                </span>
              </div>
            );
          }
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys act on the list, which has the focus
            <div
              key={item.key}
              id={`${id}-${item.index}`}
              role="option"
              aria-selected={item.index === here}
              aria-setsize={entries.length}
              aria-posinset={item.index + 1}
              className={css.row}
              style={place}
              onClick={() => onChoose(entry.change)}
            >
              <ChangeRow change={entry.change} before={before} after={after} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
