/** What differs between two texts: words within a line, lines within a long text. Cost is bounded; beyond it nothing is marked. */
import { diffLines, diffWordsWithSpace } from "diff";

/** A piece of a text: in both, only before, or only after. */
export interface Piece {
  text: string;
  side: "both" | "before" | "after";
}

/** A line of a long text, or lines that are left out because they are the same. */
export type Line = { kind: "line"; pieces: Piece[] } | { kind: "same"; count: number };

/** Longer texts are compared by line only. */
const WORDS_MOST = 20_000;
const TIME = { timeout: 80, maxEditLength: 4000 };

function pieces(parts: { value: string; added: boolean; removed: boolean }[]): Piece[] {
  return parts.map((part) => ({ text: part.value, side: part.added ? "after" : part.removed ? "before" : "both" }));
}

function whole(before: string, after: string): Piece[] {
  const made: Piece[] = [];
  if (before !== "") {
    made.push({ text: before, side: "before" });
  }
  if (after !== "") {
    made.push({ text: after, side: "after" });
  }
  return made;
}

/** Joins marks that only blanks part: `on 12 January`, not three marks. */
function joined(pieces: Piece[]): Piece[] {
  const made: Piece[] = [];
  let gone = "";
  let fresh = "";
  const flush = () => {
    made.push(...whole(gone, fresh));
    [gone, fresh] = ["", ""];
  };
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] as Piece;
    if (piece.side === "before") {
      gone += piece.text;
    } else if (piece.side === "after") {
      fresh += piece.text;
    } else if (piece.text.trim() === "" && gone + fresh !== "" && pieces[at + 1]) {
      // A blank both texts have: within a mark it belongs to each side that goes on.
      const ahead = pieces.slice(at + 1, at + 3).filter((next) => next.side !== "both");
      const goes = (side: Piece["side"]) => ahead.some((next) => next.side === side);
      if ((gone !== "" && goes("before")) || (fresh !== "" && goes("after"))) {
        gone += gone !== "" || goes("before") ? piece.text : "";
        fresh += fresh !== "" || goes("after") ? piece.text : "";
      } else {
        flush();
        made.push(piece);
      }
    } else {
      flush();
      made.push(piece);
    }
  }
  flush();
  return made;
}

/** Words that differ. Where more than two thirds differ, marks would only confuse: then the whole is before and after. */
export function wordPieces(before: string, after: string): Piece[] {
  if (before === after) {
    return before === "" ? [] : [{ text: before, side: "both" }];
  }
  if (before.length + after.length > WORDS_MOST) {
    return whole(before, after);
  }
  const parts = diffWordsWithSpace(before, after, TIME);
  if (!parts) {
    return whole(before, after);
  }
  const found = joined(pieces(parts));
  const same = found.filter((piece) => piece.side === "both").reduce((sum, piece) => sum + piece.text.trim().length, 0);
  return same * 3 < Math.min(before.length, after.length) ? whole(before, after) : found;
}

function split(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") {
    lines.pop();
  }
  return lines;
}

/** Removed and added lines that stand together: word by word, one by one; what is left over is whole. */
function changed(before: string[], after: string[]): Line[] {
  const both = Math.min(before.length, after.length);
  const line = (text: string, side: Piece["side"]): Line => ({
    kind: "line",
    pieces: text === "" ? [] : [{ text, side }],
  });
  return [
    ...before.slice(0, both).map((text, at): Line => ({ kind: "line", pieces: wordPieces(text, after[at] ?? "") })),
    ...before.slice(both).map((text) => line(text, "before")),
    ...after.slice(both).map((text) => line(text, "after")),
  ];
}

function context(lines: string[], first: boolean, last: boolean): Line[] {
  const line = (text: string): Line => ({ kind: "line", pieces: [{ text, side: "both" }] });
  const [head, tail] = [first ? 0 : 1, last ? 0 : 1];
  const hidden = lines.length - head - tail;
  if (hidden <= 1) {
    return lines.map(line);
  }
  return [
    ...lines.slice(0, head).map(line),
    { kind: "same", count: hidden },
    ...lines.slice(lines.length - tail).map(line),
  ];
}

/** Lines that differ, with one line of context; `null` when the texts are too different to say. */
export function lineDiff(before: string, after: string): Line[] | null {
  const parts = diffLines(before, after, TIME);
  if (!parts) {
    return null;
  }
  const made: Line[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    const next = parts[at + 1];
    if (!part) {
      continue;
    }
    if (!part.added && !part.removed) {
      made.push(...context(split(part.value), at === 0, at === parts.length - 1));
    } else if (part.removed && next?.added) {
      made.push(...changed(split(part.value), split(next.value)));
      at++;
    } else {
      made.push(...(part.removed ? changed(split(part.value), []) : changed([], split(part.value))));
    }
  }
  return made;
}
