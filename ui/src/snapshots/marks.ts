/** Where a search text stands in another text, any case, for marking it. */

/** A piece of a text. */
export interface MarkPiece {
  text: string;
  hit: boolean;
}

/** Cuts a text at every place of what was searched for; if the whole is not in it, at its words. */
export function markPieces(text: string, wanted: string): MarkPiece[] {
  const whole = wanted.trim();
  if (!whole) {
    return [{ text, hit: false }];
  }
  const lower = text.toLowerCase();
  // Lower case may be longer than the text itself (İ): then places would not fit, and nothing is marked.
  if (lower.length !== text.length) {
    return [{ text, hit: false }];
  }
  const words = lower.includes(whole.toLowerCase()) ? [whole] : whole.split(/\s+/).filter((word) => word.length > 1);
  const pieces: MarkPiece[] = [];
  let from = 0;
  while (from < text.length) {
    let at = -1;
    let length = 0;
    for (const word of words) {
      const found = lower.indexOf(word.toLowerCase(), from);
      if (found >= 0 && (at < 0 || found < at)) {
        at = found;
        length = word.length;
      }
    }
    if (at < 0 || length === 0) {
      break;
    }
    if (at > from) {
      pieces.push({ text: text.slice(from, at), hit: false });
    }
    pieces.push({ text: text.slice(at, at + length), hit: true });
    from = at + length;
  }
  if (from < text.length) {
    pieces.push({ text: text.slice(from), hit: false });
  }
  return pieces;
}
