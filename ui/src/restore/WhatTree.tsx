/** The content of a backup as a tree with boxes. A box of a table or a folder stands for all of it, unread. */
import { Checkbox, Loader, Tree, type TreeNodeData, useTree } from "@mantine/core";
import { IconChevronRight, IconDatabase, IconFile, IconFolder, IconTable } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { type KeyboardEvent, useMemo } from "react";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { undecided } from "./draft";
import { setTick, type Tick, type TickNode, tickOf } from "./ticks";
import type { Branch, Leaf } from "./useBranches";
import { type Content, topsOf } from "./useContent";
import css from "./WhatTree.module.css";
import { useWizard } from "./wizard";

const MORE = "\u0000more:";

interface Entry extends TickNode {
  name: string;
  kind: "table" | "files" | "folder" | "file" | "record" | "more";
  fact: string;
  /** Comes with its file, which is ticked. */
  implied?: boolean;
}

/** The tree. */
export interface WhatTreeProps {
  content: Content;
  branches: Record<string, Branch>;
  more: (key: string) => Promise<void>;
  /** Words of everything at the top of the backup, where `content` is only a part of it. */
  tops?: string[];
}

function useTops(content: Content): Entry[] {
  const { t } = useTranslation();
  const { draft } = useWizard();
  return useMemo(() => {
    const files: Entry = {
      key: "files",
      parents: [],
      rooted: true,
      kind: "files",
      name: t(content.collections.length > 0 ? "restore:what.wholeFiles" : "restore:what.files"),
      fact: content.metadata
        ? t("restore:what.filesFact", {
            count: content.metadata.files,
            n: count(content.metadata.files),
            size: bytes(content.metadata.fileBytes),
          })
        : "",
    };
    const whole = content.hasFiles && tickOf(draft.ticks, files) === "on";
    const tables = content.collections.map((one): Entry => {
      const rooted = content.stored.includes(one.name);
      return {
        key: one.name,
        parents: [],
        rooted,
        kind: "table",
        name: one.title ?? one.name,
        implied: !rooted && whole,
        fact:
          !rooted && whole
            ? t("restore:what.withFile")
            : one.records == null
              ? ""
              : t("restore:scope.records", { count: one.records, n: count(one.records) }),
      };
    });
    return content.hasFiles ? [...tables, files] : tables;
  }, [content, draft.ticks, t]);
}

const icons = { table: IconTable, files: IconDatabase, folder: IconFolder, file: IconFile, record: null, more: null };

/** The nodes of the tree, and what stands behind each. */
function dataOf(
  tops: Entry[],
  branches: Record<string, Branch>,
  t: TFunction,
): { data: TreeNodeData[]; entries: Map<string, Entry> } {
  const entries = new Map<string, Entry>();

  const leafEntry = (leaf: Leaf, parent: Entry): Entry => ({
    key: leaf.key,
    parents: [...parent.parents, parent.key],
    rooted: parent.rooted,
    name: leaf.name,
    implied: parent.implied ?? false,
    kind: leaf.folder ? "folder" : parent.kind === "table" ? "record" : "file",
    fact:
      parent.kind === "table"
        ? leaf.size > 0
          ? t("restore:what.attachments", { count: leaf.size, n: count(leaf.size) })
          : ""
        : leaf.folder
          ? ""
          : bytes(leaf.size),
  });
  const node = (entry: Entry): TreeNodeData => {
    entries.set(entry.key, entry);
    const branch = branches[entry.key];
    const open = entry.kind === "table" || entry.kind === "files" || entry.kind === "folder";
    const children = branch?.leaves.map((leaf) => node(leafEntry(leaf, entry))) ?? [];
    if (branch && (branch.error || branch.leaves.length < branch.total)) {
      const left = branch.total - branch.leaves.length;
      const name = branch.error
        ? t("restore:what.failed", { message: branch.error.message })
        : t("restore:what.more", { count: left, n: count(left) });
      const last: Entry = { key: `${MORE}${entry.key}`, parents: [], rooted: false, kind: "more", name, fact: "" };
      children.push(node(last));
    }
    return { value: entry.key, label: entry.name, ...(branch ? { children } : { hasChildren: open }) };
  };
  return { data: tops.map(node), entries };
}

/** See {@link WhatTreeProps}. */
export function WhatTree({ content, branches, more, tops: words }: WhatTreeProps) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const tops = useTops(content);
  // The tree starts anew whenever its data is another object.
  const { data, entries } = useMemo(() => dataOf(tops, branches, t), [tops, branches, t]);
  const tick = (entry: Entry): Tick => (entry.implied ? "on" : tickOf(draft.ticks, entry));
  const ticked = [...entries.values()]
    .filter((entry) => entry.kind !== "more" && tick(entry) === "on")
    .map(({ key }) => key);
  const tree = useTree({
    selectedState: ticked,
    multiple: true,
    onSelectedStateChange: () => {},
    onLoadChildren: more,
  });
  const children = (key: string) => branches[key]?.leaves.map((leaf) => leaf.key) ?? [];
  const toggle = (entry: Entry) => {
    if (entry.kind === "more") {
      void more(entry.key.slice(MORE.length));
    } else if (!entry.implied) {
      change({
        ticks: setTick(draft.ticks, entry, tick(entry) !== "on", words ?? topsOf(content), children),
        ...undecided,
      });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const key = (event.target as HTMLElement).closest<HTMLElement>("[role=treeitem]")?.dataset.value;
    const entry = key === undefined ? undefined : entries.get(key);
    if (entry && (event.key === " " || (event.key === "Enter" && entry.kind === "more"))) {
      event.preventDefault();
      event.stopPropagation();
      toggle(entry);
    }
  };
  return (
    <div onKeyDownCapture={onKeyDown} className={css.tree}>
      <Tree
        data={data}
        tree={tree}
        aria-label={t("restore:what.tree")}
        aria-multiselectable
        expandOnSpace={false}
        expandOnClick={false}
        allowRangeSelection={false}
        levelOffset={24}
        classNames={{ node: css.node ?? "", label: css.row ?? "" }}
        renderNode={({ node: shown, expanded, hasChildren, elementProps, isLoading, tree: control }) => {
          const entry = entries.get(shown.value);
          if (!entry) {
            return null;
          }
          const state = tick(entry);
          const Icon = icons[entry.kind];
          return (
            <div {...elementProps}>
              {hasChildren ? (
                // Pointer only: arrow keys open and close the item itself.
                <span
                  className={css.chevron}
                  data-open={expanded || undefined}
                  aria-hidden
                  onClick={() => control.toggleExpanded(shown.value)}
                >
                  {isLoading || branches[entry.key]?.busy ? (
                    <Loader size="0.75rem" />
                  ) : (
                    <IconChevronRight size="0.875rem" />
                  )}
                </span>
              ) : (
                <span className={css.chevron} aria-hidden />
              )}
              {/* biome-ignore lint/a11y/noStaticElementInteractions: the tree item has the focus, and the space bar ticks it */}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
              <span className={css.hit} onClick={() => toggle(entry)} data-tick={state}>
                {entry.kind !== "more" && (
                  <Checkbox.Indicator
                    className={css.box ?? ""}
                    size="xs"
                    checked={state === "on"}
                    indeterminate={state === "mixed"}
                    disabled={entry.implied ?? false}
                    aria-hidden
                  />
                )}
                {Icon && <Icon size="1rem" stroke={1.6} className={css.icon ?? ""} aria-hidden />}
                <span className={`${css.name} clip`} data-more={entry.kind === "more" || undefined} title={entry.name}>
                  {entry.name}
                </span>
                {state === "mixed" && <span className="visually-hidden">{t("restore:what.partly")}</span>}
              </span>
              {entry.fact && <span className={css.fact}>{entry.fact}</span>}
            </div>
          );
        }}
      />
    </div>
  );
}
