/** What is chosen so far, in one line: the footer of every step tells it, and that nothing is written yet. */
import type { ReactNode } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type Ticks, tickOf } from "./ticks";
import { type Content, useContent } from "./useContent";
import { useDatabases } from "./useShown";
import { useWizard } from "./wizard";

/** Chosen things, counted where their number is known. */
export interface Scope {
  records: number;
  /** Records of some chosen collections are not counted. */
  uncounted: boolean;
  files: number;
  /** Chosen folders and files whose number is not known. */
  places: number;
  leftOut: number;
}

/** How many words name single things of each collection. The longest name counts: names may contain `/`. */
function singles(words: string[], names: Set<string>): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of names.size === 0 ? [] : words.filter((one) => !names.has(one))) {
    for (let cut = word.lastIndexOf("/"); cut > 0; cut = word.lastIndexOf("/", cut - 1)) {
      const owner = word.slice(0, cut);
      if (names.has(owner)) {
        found.set(owner, (found.get(owner) ?? 0) + 1);
        break;
      }
    }
  }
  return found;
}

/** Counts what is chosen. */
export function countScope(ticks: Ticks, content: Content): Scope {
  const scope: Scope = { records: 0, uncounted: false, files: 0, places: 0, leftOut: 0 };
  const wholeFiles = content.hasFiles && tickOf(ticks, { key: "files", parents: [], rooted: true }) !== "off";
  const inFiles = (word: string) => word === "files" || word.startsWith("files/");
  const asides = (content.databases ?? []).flatMap(({ parts }) => (parts.local?.kind === "aside" ? [parts.local] : []));
  const all = [...content.collections, ...asides];
  const names = new Set(all.map(({ name }) => name));
  const [only, except, stored] = [new Set(ticks.only), new Set(ticks.except), new Set(content.stored)];
  const [taken, left] = [singles(ticks.only, names), singles(ticks.except, names)];
  for (const one of all) {
    const rooted = stored.has(one.name) && one.kind !== "aside";
    const whole = (rooted && ticks.all && !except.has(one.name)) || only.has(one.name);
    const records = whole ? Math.max(0, (one.records ?? 0) - (left.get(one.name) ?? 0)) : (taken.get(one.name) ?? 0);
    scope.records += records;
    scope.uncounted ||= whole && one.records == null;
  }
  const allFiles = content.hasFiles && (only.has("files") || (ticks.all && !except.has("files")));
  if (allFiles) {
    scope.files = content.metadata?.files ?? 0;
    scope.leftOut = ticks.except.filter((word) => word.startsWith("files/")).length;
  } else if (wholeFiles) {
    scope.places = ticks.only.filter(inFiles).length;
  }
  return scope;
}

/** The scope in words. */
export function useScope(): ReactNode {
  const { t } = useTranslation();
  const { draft } = useWizard();
  const content = useContent(draft.at);
  const scope = content.data ? countScope(draft.ticks, content.data) : null;
  const databases = useDatabases(draft);
  const matching = Object.keys(draft.matching).length;
  const parts = scope
    ? [
        scope.records > 0 || scope.uncounted
          ? t(scope.uncounted ? "restore:scope.recordsMore" : "restore:scope.records", {
              count: scope.records,
              n: count(scope.records),
            })
          : "",
        scope.files > 0 ? t("restore:scope.files", { count: scope.files, n: count(scope.files) }) : "",
        scope.places > 0 ? t("restore:scope.places", { count: scope.places, n: count(scope.places) }) : "",
        matching > 0 ? t("restore:scope.matching", { count: matching, n: count(matching) }) : "",
        databases.length > 0
          ? t("restore:scope.databases", { count: databases.length, n: count(databases.length) })
          : "",
        scope.leftOut > 0 ? t("restore:scope.leftOut", { count: scope.leftOut, n: count(scope.leftOut) }) : "",
      ].filter(Boolean)
    : [];
  return (
    <>
      {parts.length > 0 && <strong>{parts.join(" · ")}</strong>}
      <span>{t("restore:nothingYet")}</span>
    </>
  );
}
