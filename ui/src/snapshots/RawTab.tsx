/** The exact text of a record, as a tree that folds or as it was saved. */
import { Button, CopyButton, SegmentedControl, Tree, type TreeNodeData, useTree } from "@mantine/core";
import { IconChevronRight, IconCopy } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import css from "./RawTab.module.css";
import { digits, parseExact } from "./values";

/** Longer texts are not made into a tree: a page of ten thousand lines helps nobody. */
const MOST = 400_000;
/** Members that are open at first. */
const DEPTH = 2;
/** Items of a list drawn one by one; longer ones are cut into pieces that fold. */
const CHUNK = 100;

interface Made {
  nodes: TreeNodeData[];
  open: Record<string, boolean>;
}

function scalar(value: unknown): string {
  return digits(value) ?? JSON.stringify(value);
}

function kindOfScalar(value: unknown): string {
  return digits(value) !== null ? "number" : value === null ? "null" : typeof value;
}

function Label({ name, value }: { name: string | null; value: unknown }) {
  return (
    <span className={css.label}>
      {name !== null && <span className={css.name}>{name}: </span>}
      <span data-kind={kindOfScalar(value)}>{scalar(value)}</span>
    </span>
  );
}

function Branch({ name, size, list }: { name: string | null; size: number; list: boolean }) {
  const { t } = useTranslation();
  const key = list ? "snapshots:raw.items" : "snapshots:raw.members";
  return (
    <span className={css.label}>
      {name !== null && <span className={css.name}>{name} </span>}
      <span className={css.size}>
        {list ? "[" : "{"} {t(key, { count: size, n: count(size) })} {list ? "]" : "}"}
      </span>
    </span>
  );
}

function build(
  value: unknown,
  name: string | null,
  path: string,
  depth: number,
  open: Record<string, boolean>,
): TreeNodeData {
  if (value === null || typeof value !== "object" || digits(value) !== null) {
    return { value: path, label: <Label name={name} value={value} /> };
  }
  const list = Array.isArray(value);
  const members: [string, unknown][] = list ? value.map((item, at) => [String(at), item]) : Object.entries(value);
  open[path] = depth < DEPTH && members.length <= CHUNK;
  const nodes = (some: [string, unknown][]) =>
    some.map(([key, member]) => build(member, list ? key : `"${key}"`, `${path}/${key}`, depth + 1, open));
  let children: TreeNodeData[];
  if (members.length > CHUNK) {
    children = [];
    for (let from = 0; from < members.length; from += CHUNK) {
      const piece = members.slice(from, from + CHUNK);
      const label = <span className={css.size}>{`${count(from)} … ${count(from + piece.length - 1)}`}</span>;
      children.push({ value: `${path}#${from}`, label, children: nodes(piece) });
    }
  } else {
    children = nodes(members);
  }
  return { value: path, label: <Branch name={name} size={members.length} list={list} />, children };
}

function Folding({ made }: { made: Made }) {
  const tree = useTree({ initialExpandedState: made.open });
  return (
    <Tree
      data={made.nodes}
      tree={tree}
      levelOffset="md"
      className={css.tree}
      renderNode={({ node, expanded, hasChildren, elementProps }) => (
        <div {...elementProps} className={`${elementProps.className} ${css.node}`}>
          {hasChildren ? (
            <IconChevronRight size="0.75rem" className={css.fold} data-open={expanded || undefined} aria-hidden />
          ) : (
            <span className={css.fold} />
          )}
          {node.label}
        </div>
      )}
    />
  );
}

/** The tab. */
export function RawTab({ text }: { text: string }) {
  const { t } = useTranslation();
  const made = useMemo((): Made | null => {
    if (text.length > MOST) {
      return null;
    }
    try {
      const open: Record<string, boolean> = {};
      return { nodes: [build(parseExact(text), null, "", 0, open)], open };
    } catch {
      return null;
    }
  }, [text]);
  const [view, setView] = useState("tree");
  const tree = made !== null && view === "tree";
  return (
    <div>
      <div className={css.tools}>
        <SegmentedControl
          size="xs"
          value={tree ? "tree" : "text"}
          onChange={setView}
          aria-label={t("snapshots:raw.view")}
          data={[
            { value: "tree", label: t("snapshots:raw.tree"), disabled: made === null },
            { value: "text", label: t("snapshots:raw.text") },
          ]}
        />
        <span className="note">{bytes(new Blob([text]).size)}</span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="subtle" leftSection={<IconCopy size="0.9375rem" />} onClick={copy}>
              {t(copied ? "common:action.copied" : "snapshots:raw.copy")}
            </Button>
          )}
        </CopyButton>
      </div>
      {tree ? <Folding key={text} made={made} /> : <pre className={css.text}>{text}</pre>}
    </div>
  );
}
