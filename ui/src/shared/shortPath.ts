/** Long paths in one line: the beginning and the end say most. */

/** `/home/mara/…/2026/letters` when it is longer than `most` signs. */
export function shortPath(path: string, most = 64): string {
  if (path.length <= most) {
    return path;
  }
  const head = path.slice(0, Math.floor(most * 0.35)).replace(/[^/\\]*$/, "");
  const tail = path.slice(-Math.floor(most * 0.6)).replace(/^[^/\\]*/, "");
  return head && tail
    ? `${head}…${tail}`
    : `${path.slice(0, Math.floor(most * 0.35))}…${path.slice(-Math.floor(most * 0.6))}`;
}
