/** Markdown as a page to read. Nothing is fetched and no HTML runs: links are text, pictures their description, HTML a dashed box. */
import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { useTranslation } from "../i18n";
import css from "./Markdown.module.css";

interface Node {
  type: string;
  value?: string;
  children?: Node[];
  data?: { hName?: string; hProperties?: Record<string, string> };
}

/** HTML becomes an element of its own, which is drawn as a box. */
function keepHtml() {
  const walk = (node: Node) => {
    for (const child of node.children ?? []) {
      if (child.type === "html") {
        const tag = /^<\/?([\w-]+)/.exec(child.value ?? "")?.[1] ?? "html";
        Object.assign(child, {
          type: "kept",
          data: { hName: "kept-raw", hProperties: { tag, closing: String((child.value ?? "").startsWith("</")) } },
        });
      } else {
        walk(child);
      }
    }
  };
  return walk;
}

/** Something that is kept but not drawn. */
function Kept({ tag, onRaw }: { tag: string; onRaw: (() => void) | undefined }) {
  const { t } = useTranslation();
  return (
    <span className={css.kept}>
      {t("snapshots:page.kept")} <code>{tag}</code>.{" "}
      {onRaw && (
        <button type="button" onClick={onRaw}>
          {t("snapshots:page.showRaw")}
        </button>
      )}
    </span>
  );
}

/** A text. `onRaw` leads to where all of it can be seen. */
export default function Markdown({ text, onRaw }: { text: string; onRaw?: () => void }) {
  const { t } = useTranslation();
  const drawn = {
    a: ({ href, children }: { href?: string; children?: ReactNode }) => (
      <span className={css.link} title={href}>
        {children}
      </span>
    ),
    img: ({ alt, src }: { alt?: string; src?: unknown }) => (
      <span className={css.kept}>{t("snapshots:page.picture", { name: alt || String(src ?? "") })}</span>
    ),
    input: ({ checked }: { checked?: boolean }) => (
      <input
        type="checkbox"
        checked={checked ?? false}
        readOnly
        disabled
        aria-label={t(checked ? "snapshots:page.done" : "snapshots:page.open")}
      />
    ),
    h1: "h4",
    h2: "h4",
    h3: "h4",
    "kept-raw": ({ tag, closing }: { tag?: string; closing?: string }) =>
      closing === "true" ? null : <Kept tag={tag ?? "html"} onRaw={onRaw} />,
  } as Components;
  return (
    <div className={css.page}>
      <ReactMarkdown remarkPlugins={[remarkGfm, keepHtml]} components={drawn}>
        {text}
      </ReactMarkdown>
    </div>
  );
}
