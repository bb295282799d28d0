/** Passwords by chance: 24 letters and digits without look-alikes, in groups; about 119 bits. */

const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** `k7mp-…`: six groups of four. The alphabet has 32 signs, so that every byte maps evenly. */
export function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const signs = [...bytes].map((byte) => letters[byte % letters.length] ?? "a");
  return Array.from({ length: 6 }, (_, group) => signs.slice(group * 4, group * 4 + 4).join("")).join("-");
}
