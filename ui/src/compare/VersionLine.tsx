/** The life of one record: a knot for each version, the chosen one marked, the live state at the end. */
import { type KeyboardEvent, useRef } from "react";
import type { HistoryVersion } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment, shortDay } from "../i18n/format";
import { Knot } from "../shared/Knot";
import css from "./VersionLine.module.css";

/** Knots nearer than this share of the line carry no word of their own. */
const APART = 0.11;

/** Versions of a record, oldest first. */
export interface VersionLineProps {
  label: string;
  versions: HistoryVersion[];
  /** Snapshot of the chosen version. */
  chosen: string | undefined;
  onChoose: (snapshot: string) => void;
}

/** Where each version stands: half by time, half by order, so that a busy hour does not fall into one dot. */
function places(versions: HistoryVersion[]): number[] {
  const [first, last] = [versions[0], versions.at(-1)];
  const from = new Date(first?.time ?? 0).getTime();
  const span = Math.max(1, new Date(last?.time ?? 0).getTime() - from);
  return versions.map((version, at) => {
    const byTime = (new Date(version.time).getTime() - from) / span;
    const byOrder = versions.length > 1 ? at / (versions.length - 1) : 0;
    return 0.02 + 0.84 * (0.4 * byTime + 0.6 * byOrder);
  });
}

function labelled(at: number[], chosen: number): Set<number> {
  const shown = new Set<number>();
  const order = [chosen, at.length - 1, 0, ...at.keys()].filter((index) => index >= 0);
  for (const index of order) {
    const place = at[index] ?? 0;
    if ([...shown].every((other) => Math.abs((at[other] ?? 0) - place) >= APART)) {
      shown.add(index);
    }
  }
  return shown;
}

/** The line. Arrow keys choose older and newer versions. */
export function VersionLine({ label, versions, chosen, onChoose }: VersionLineProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const at = places(versions);
  const current = versions.findIndex((version) => version.snapshot === chosen);
  const words = labelled(at, current);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) {
      return;
    }
    event.preventDefault();
    for (let next = current + step; next >= 0 && next < versions.length; next += step) {
      if (versions[next]?.hash) {
        onChoose(versions[next]?.snapshot ?? "");
        box.current?.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
        return;
      }
    }
  };
  const what = (version: HistoryVersion, index: number) =>
    !version.hash
      ? t("compare:record.gone")
      : index === 0
        ? t("compare:record.first")
        : t("compare:record.changedFields", { count: version.fields.length, n: count(version.fields.length) });
  return (
    <div ref={box} className={css.line} role="radiogroup" aria-label={label} onKeyDown={move}>
      <span className={css.rope} />
      <span className={css.dots} />
      {versions.map((version, index) => (
        <span key={version.snapshot} className={css.stop} style={{ left: `${(at[index] ?? 0) * 100}%` }}>
          <button
            type="button"
            role="radio"
            aria-checked={index === current}
            aria-label={`${exact(version.time)}: ${what(version, index)}`}
            title={`${moment(version.time)}: ${what(version, index)}`}
            tabIndex={index === current || (current < 0 && index === versions.length - 1) ? 0 : -1}
            disabled={!version.hash}
            className={css.knot}
            onClick={() => onChoose(version.snapshot)}
          >
            <Knot status={version.hash ? "complete" : "failed"} chosen={index === current} />
          </button>
          {words.has(index) && (
            <span className={css.word} data-chosen={index === current || undefined} aria-hidden>
              {index === current ? moment(version.time) : shortDay(version.time, false)}
            </span>
          )}
        </span>
      ))}
      <span className={css.stop} style={{ left: "97%" }}>
        <span className={css.knot}>
          <Knot status="complete" live />
        </span>
        <span className={css.word} aria-hidden>
          {t("compare:live")}
        </span>
      </span>
    </div>
  );
}
