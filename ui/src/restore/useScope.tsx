/** What is chosen so far, in one line: the footer of every step tells it, and that nothing is written yet. */
import type { ReactNode } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type Ticks, tickOf } from "./ticks";
import { type Content, useContent } from "./useContent";
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

/** Counts what is chosen. */
export function countScope(ticks: Ticks, content: Content): Scope {
  const scope: Scope = { records: 0, uncounted: false, files: 0, places: 0, leftOut: 0 };
  const wholeFiles = content.hasFiles && tickOf(ticks, { key: "files", parents: [], rooted: true }) !== "off";
  const inFiles = (word: string) => word === "files" || word.startsWith("files/");
  for (const one of content.collections) {
    const rooted = content.stored.includes(one.name);
    const whole = (rooted && ticks.all && !ticks.except.includes(one.name)) || ticks.only.includes(one.name);
    const single = ticks.only.filter((word) => word.startsWith(`${one.name}/`)).length;
    const taken = whole ? (one.records ?? 0) : single;
    const out = whole ? ticks.except.filter((word) => word.startsWith(`${one.name}/`)).length : 0;
    scope.records += Math.max(0, taken - out);
    scope.uncounted ||= whole && one.records == null;
  }
  const allFiles = content.hasFiles && (ticks.only.includes("files") || (ticks.all && !ticks.except.includes("files")));
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
