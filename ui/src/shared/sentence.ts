/** A message of the engine as a sentence of its own, to stand between others. */
export function sentence(message: string): string {
  const text = message.trim();
  return text === "" ? "" : `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
}
