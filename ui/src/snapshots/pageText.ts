/** Which text of a record can be read as a page, if any. */
import { membersOf } from "./values";

/** Signs of Markdown: headings, lists, ticks, quotes, emphasis, links. */
const MARKDOWN = /^(#{1,6} |[-*] |> |\d+\. |```)|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\)/m;
/** Plain texts of several paragraphs are pages from this length on. */
const PROSE = 400;

/** The member that reads as a page, and its text. */
export interface PageText {
  name: string;
  text: string;
}

/** The longest text that is Markdown or has paragraphs; `null` for records that are only values. */
export function pageText(data: unknown): PageText | null {
  let found: PageText | null = null;
  for (const [name, value] of membersOf(data)) {
    if (typeof value !== "string" || !value.includes("\n")) {
      continue;
    }
    const page = MARKDOWN.test(value) || (value.length >= PROSE && /\n\s*\n/.test(value));
    const structured = /^\s*[[{<]/.test(value);
    if (page && !structured && value.length > (found?.text.length ?? 0)) {
      found = { name, text: value };
    }
  }
  return found;
}
