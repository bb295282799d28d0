/** The databases of a server with their sizes, some thousands of them, to look through and to tick. */
import { Button, Checkbox, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import type { ProbePart } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, count } from "../../i18n/format";
import { StatusGlyph } from "../../shared/StatusGlyph";
import css from "./couch.module.css";

const ROW = 34;
/** Height of the list where nothing was laid out yet. */
const FALLBACK = 288;

/** What the list needs. */
export interface DatabaseListProps {
  parts: ProbePart[];
  /** Whether a database is protected. */
  isTaken: (name: string) => boolean;
  /** Ticks databases; without it the list only shows. */
  onTick?: ((names: string[], ticked: boolean) => void) | undefined;
}

function sizeOf(part: ProbePart, documents: (n: number) => string): string {
  const size = part.bytes != null ? bytes(part.bytes) : "";
  return [part.records != null ? documents(part.records) : "", size].filter(Boolean).join(" · ");
}

/** A filter, and the databases that fit it. */
export function DatabaseList({ parts, isTaken, onTick }: DatabaseListProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const scroll = useRef<HTMLDivElement>(null);
  const wanted = text.trim().toLocaleLowerCase();
  const shown = wanted ? parts.filter((part) => part.name.toLocaleLowerCase().includes(wanted)) : parts;
  const taken = parts.filter((part) => isTaken(part.name)).length;
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 0, height: FALLBACK },
    observeElementRect: (_, tell) => {
      const element = scroll.current;
      const measure = () => tell({ width: 0, height: element?.clientHeight || FALLBACK });
      measure();
      const observer = new ResizeObserver(measure);
      if (element) {
        observer.observe(element);
      }
      return () => observer.disconnect();
    },
  });
  const documents = (n: number) => t("sources:couch.documents", { count: n, n: count(n) });
  const all = shown.length > 0 && shown.every((part) => isTaken(part.name));
  return (
    <div className={css.list}>
      <div className={css.listHead}>
        <TextInput
          size="xs"
          aria-label={t("sources:couch.filter")}
          placeholder={t("sources:couch.filter")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <span className="note" role="status">
          {t("sources:couch.taken", { taken: count(taken), all: count(parts.length) })}
        </span>
        {onTick && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={shown.length === 0}
            onClick={() =>
              onTick(
                shown.map((part) => part.name),
                !all,
              )
            }
          >
            {t(all ? "sources:couch.untickAll" : "sources:couch.tickAll")}
          </Button>
        )}
      </div>
      {shown.length === 0 ? (
        <p className={css.none}>{t(wanted ? "sources:couch.noFit" : "sources:couch.noDatabases")}</p>
      ) : (
        <div ref={scroll} className={css.scroll}>
          <ul
            className={css.inner}
            style={{ height: rows.getTotalSize(), listStyle: "none", margin: 0, padding: 0 }}
            aria-label={t("sources:couch.databases")}
          >
            {rows.getVirtualItems().map((item) => {
              const part = shown[item.index];
              if (!part) {
                return null;
              }
              const ticked = isTaken(part.name);
              return (
                <li
                  key={part.name}
                  className={css.row}
                  data-out={ticked ? undefined : ""}
                  style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                  title={part.problem ?? part.name}
                >
                  {onTick ? (
                    <Checkbox
                      size="sm"
                      aria-label={part.name}
                      checked={ticked}
                      onChange={(event) => onTick([part.name], event.currentTarget.checked)}
                    />
                  ) : (
                    <StatusGlyph
                      status={ticked ? (part.problem ? "partial" : "complete") : "none"}
                      size={13}
                      label={t(ticked ? "sources:couch.in" : "sources:couch.out")}
                    />
                  )}
                  <span className={css.name}>{part.name}</span>
                  {part.problem ? (
                    <span className={css.size}>
                      <StatusGlyph status="partial" size={13} label={t("sources:couch.problem")} /> {part.problem}
                    </span>
                  ) : (
                    <span className={css.size}>{sizeOf(part, documents)}</span>
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}
