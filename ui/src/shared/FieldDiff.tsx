/**
 * One value against another: side by side or in one. What is gone is struck through, what is new underlined, and both have a
 * sign that is read aloud, so that nothing depends on colour.
 */
import { Fragment, type ReactNode, useMemo } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { valueText } from "./diff/value";
import { type Line, lineDiff, type Piece, wordPieces } from "./diff/words";
import css from "./FieldDiff.module.css";

export { isPlain, valueText } from "./diff/value";

/** Two values of one field. `undefined` means that the field is not there. */
export interface FieldDiffProps {
  before: unknown;
  after: unknown;
  mode: "side" | "one";
}

type Side = "before" | "after" | "one";

function Marked({ piece }: { piece: Piece }) {
  const { t } = useTranslation();
  if (piece.side === "both") {
    return <>{piece.text}</>;
  }
  const gone = piece.side === "before";
  const Mark = gone ? "del" : "ins";
  return (
    <Mark className={gone ? css.del : css.ins}>
      <span className="visually-hidden">{` ${t(gone ? "common:diff.removed" : "common:diff.added")}: `}</span>
      {piece.text}
    </Mark>
  );
}

function of(pieces: Piece[], side: Side): Piece[] {
  return side === "one" ? pieces : pieces.filter((piece) => piece.side === "both" || piece.side === side);
}

function Pieces({ pieces, side }: { pieces: Piece[]; side: Side }) {
  const shown = of(pieces, side);
  return shown.map((piece, at) => (
    <Fragment key={at}>
      <Marked piece={piece} />
      {side === "one" && piece.side === "before" && shown[at + 1]?.side === "after" ? " " : null}
    </Fragment>
  ));
}

function Lines({ lines, side }: { lines: Line[]; side: Side }) {
  const { t } = useTranslation();
  return lines.map((line, at) => {
    if (line.kind === "same") {
      return (
        <div key={at} className={css.same}>
          {t("common:diff.unchangedLines", { count: line.count, n: count(line.count) })}
        </div>
      );
    }
    const shown = of(line.pieces, side);
    if (shown.length === 0 && line.pieces.length > 0) {
      return null;
    }
    return (
      <div key={at} className={css.line}>
        <Pieces pieces={line.pieces} side={side} />
        {shown.length === 0 && "\u00a0"}
      </div>
    );
  });
}

interface Compared {
  pieces?: Piece[];
  lines?: Line[];
  /** Too different to mark words. */
  rough: boolean;
}

function compare(before: string, after: string): Compared {
  // The same on both sides: nothing is folded, the text itself is what a person came to read.
  if (before === after) {
    return { pieces: before === "" ? [] : [{ side: "both", text: before }], rough: false };
  }
  if (before.includes("\n") || after.includes("\n")) {
    const lines = lineDiff(before, after);
    if (lines) {
      return { lines, rough: false };
    }
  }
  const pieces = wordPieces(before, after);
  const long = before.length + after.length > 4000;
  return { pieces, rough: long && pieces.length === 2 && pieces.every((piece) => piece.side !== "both") };
}

/** How a value that is not there, or is empty, is told from a text. */
function useAbsent(): (value: unknown) => ReactNode {
  const { t } = useTranslation();
  return (value) => {
    const word = value === undefined ? t("common:diff.noValue") : value === "" ? t("common:diff.empty") : null;
    return word === null ? null : <span className={css.absent}>{word}</span>;
  };
}

/** Two values against each other. */
export function FieldDiff({ before, after, mode }: FieldDiffProps) {
  const { t } = useTranslation();
  const absent = useAbsent();
  const [one, other] = [valueText(before), valueText(after)];
  const found = useMemo(() => compare(one, other), [one, other]);
  const draw = (side: Side) =>
    found.lines ? <Lines lines={found.lines} side={side} /> : <Pieces pieces={found.pieces ?? []} side={side} />;
  const rough = found.rough && <div className={css.same}>{t("common:diff.long")}</div>;
  if (mode === "one") {
    return (
      <div className={css.value} data-diff="one">
        {draw("one")}
        {before === undefined && after === undefined ? absent(undefined) : null}
        {before === "" && after === "" ? absent("") : null}
        {rough}
      </div>
    );
  }
  return (
    <div className={css.sides}>
      <div className={css.value} data-diff="before">
        {absent(before) ?? draw("before")}
      </div>
      <div className={css.value} data-diff="after">
        {absent(after) ?? draw("after")}
        {rough}
      </div>
    </div>
  );
}
