/**
 * Where rows stand in a list that is higher than a browser can paint. WebKitGTK draws nothing beyond 2^24 px of scroll, so the
 * inner height is capped and the scroll position is scaled: ten million rows share eight million pixels.
 */

/** Greatest inner height in px. */
export const MAX_HEIGHT = 8_000_000;

/** Measures of one list. */
export interface Scale {
  /** Height of all rows, unscaled. */
  content: number;
  /** Height the browser is told. */
  inner: number;
  /** Greatest position of the first visible pixel, unscaled. */
  maxTop: number;
  /** Unscaled px for one px of scroll; 1 for lists that fit. */
  ratio: number;
}

/** The measures of `total` rows of `rowHeight` px, seen through `view` px. */
export function scaleOf(total: number, rowHeight: number, view: number): Scale {
  const content = total * rowHeight;
  const inner = Math.min(content, MAX_HEIGHT);
  const maxTop = Math.max(0, content - view);
  const maxScroll = inner - view;
  return { content, inner, maxTop, ratio: maxScroll > 0 && inner < content ? maxTop / maxScroll : 1 };
}

/** First row and number of rows to draw at a position, with `over` more on both sides. */
export function rowsAt(
  top: number,
  total: number,
  rowHeight: number,
  view: number,
  over = 6,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(top / rowHeight) - over);
  const last = Math.min(total, Math.ceil((top + view) / rowHeight) + over);
  return { first, last };
}

/** The position that brings a row into view: unchanged if it is there already. */
export function topFor(row: number, top: number, rowHeight: number, view: number): number {
  const start = row * rowHeight;
  if (start < top) {
    return start;
  }
  return start + rowHeight > top + view ? start + rowHeight - view : top;
}
