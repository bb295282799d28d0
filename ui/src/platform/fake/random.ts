/** Numbers that look random and are the same every time. */

/** A generator from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A short hexadecimal id from a number. */
export function hexId(number: number, length = 64): string {
  const next = seeded(number + 1);
  let id = "";
  while (id.length < length) {
    id += Math.floor(next() * 16).toString(16);
  }
  return id;
}
