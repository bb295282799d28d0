/** Which rows are ticked: some by id, or all but some, so that a million rows can be ticked without naming them. */

/** Ticked rows. */
export type Ticks = { all: false; ids: ReadonlySet<string> } | { all: true; except: ReadonlySet<string> };

/** Nothing is ticked. */
export const noTicks: Ticks = { all: false, ids: new Set() };
/** Everything is ticked. */
export const allTicks: Ticks = { all: true, except: new Set() };

/** Whether a row is ticked. */
export function isTicked(ticks: Ticks, id: string): boolean {
  return ticks.all ? !ticks.except.has(id) : ticks.ids.has(id);
}

/** Ticks rows or takes their ticks away. */
export function setTicks(ticks: Ticks, ids: string[], on: boolean): Ticks {
  const next = new Set(ticks.all ? ticks.except : ticks.ids);
  for (const id of ids) {
    if (on !== ticks.all) {
      next.add(id);
    } else {
      next.delete(id);
    }
  }
  return ticks.all ? { all: true, except: next } : { all: false, ids: next };
}

/** How many rows of `total` are ticked. */
export function tickCount(ticks: Ticks, total: number): number {
  return ticks.all ? total - ticks.except.size : ticks.ids.size;
}
