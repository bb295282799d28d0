/** The list of what went, by row numbers: the engine gives it page by page, each naming where the next begins. */
import { call, type GoneRow } from "../../api";

const PAGE = 1000;
const KEPT = 20;

interface Page {
  /** Number of its first row. */
  start: number;
  /** What the engine is asked for it; absent for the first. */
  from?: string;
}

/** Reads the list of one hold. Pages that were left behind are read again when they are wanted. */
export class GoneList {
  private readonly hold: string;
  /** Where pages begin, in order. */
  private readonly pages: Page[] = [{ start: 0 }];
  private readonly rows = new Map<number, Promise<GoneRow[]>>();
  private ended = false;

  constructor(hold: string) {
    this.hold = hold;
  }

  private page(index: number): Promise<GoneRow[]> {
    const known = this.rows.get(index);
    if (known) {
      return known;
    }
    const reading = this.read(index);
    this.rows.set(index, reading);
    reading.catch(() => this.rows.delete(index));
    for (const old of this.rows.keys()) {
      if (this.rows.size <= KEPT) {
        break;
      }
      this.rows.delete(old);
    }
    return reading;
  }

  private async read(index: number): Promise<GoneRow[]> {
    const page = this.pages[index];
    if (!page) {
      return [];
    }
    const reply = await call("hold.review", {
      hold: this.hold,
      limit: PAGE,
      ...(page.from === undefined ? {} : { from: page.from }),
    });
    if (index === this.pages.length - 1) {
      if (reply.next == null) {
        this.ended = true;
      } else {
        this.pages.push({ start: page.start + reply.rows.length, from: reply.next });
      }
    }
    return reply.rows;
  }

  /** At most `limit` rows from `offset` on. */
  async slice(offset: number, limit: number): Promise<GoneRow[]> {
    while (!this.ended && (this.pages.at(-1)?.start ?? 0) <= offset) {
      await this.page(this.pages.length - 1);
    }
    const found: GoneRow[] = [];
    let index = this.pages.findLastIndex((page) => page.start <= offset);
    while (found.length < limit) {
      const page = this.pages[index];
      if (!page) {
        break;
      }
      const rows = await this.page(index);
      found.push(...rows.slice(Math.max(0, offset - page.start), offset - page.start + limit));
      index++;
    }
    return found.slice(0, limit);
  }
}
