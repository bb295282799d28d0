/** The scroll position of a big list, unscaled, and ways to change it. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Scale, scaleOf, topFor } from "./scale";

/** Height taken where nothing can be measured (tests). */
const FALLBACK = 480;

/** A scrolled list. */
export interface Scroll {
  scale: Scale;
  /** First visible pixel, unscaled. */
  top: number;
  /** The element's own scroll position; rows are placed relative to it. */
  shift: number;
  /** Height of the rows in sight. */
  view: number;
  /** It moved within the last second. */
  moving: boolean;
  moveTo: (top: number) => void;
  reveal: (row: number) => void;
}

/** Follows the scroll bar, the wheel and the keyboard of `box`, which starts with a sticky head of `head` px. */
export function useScroll(box: RefObject<HTMLElement | null>, total: number, rowHeight: number, head: number): Scroll {
  const [view, setView] = useState(FALLBACK);
  const [place, setPlace] = useState({ top: 0, shift: 0 });
  const [moving, setMoving] = useState(false);
  const still = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const scale = scaleOf(total, rowHeight, view);
  const top = Math.min(place.top, scale.maxTop);
  const now = useRef({ scale, top, view });
  now.current = { scale, top, view };

  const settle = useCallback((next: { top: number; shift: number }) => {
    setPlace(next);
    setMoving(true);
    clearTimeout(still.current);
    still.current = setTimeout(() => setMoving(false), 900);
  }, []);

  const moveTo = useCallback(
    (wanted: number) => {
      const { scale: measures } = now.current;
      const next = Math.max(0, Math.min(wanted, measures.maxTop));
      const element = box.current;
      if (element) {
        element.scrollTop = next / measures.ratio;
      }
      now.current.top = next;
      // Read back: browsers round, and rows are placed relative to where the element really is.
      settle({ top: next, shift: element?.scrollTop ?? 0 });
    },
    [box, settle],
  );

  const reveal = useCallback(
    (row: number) => {
      const { top: at, view: height } = now.current;
      const next = topFor(row, at, rowHeight, height);
      if (next !== at) {
        moveTo(next);
      }
    },
    [moveTo, rowHeight],
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const measure = () => setView(Math.max(rowHeight, (element.clientHeight || FALLBACK + head) - head));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, head, rowHeight]);

  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const onScroll = () => {
      const { scale: measures, top: at } = now.current;
      const shift = element.scrollTop;
      // What `moveTo` set comes back as an event, rounded: that is no new position.
      if (Math.abs(shift - at / measures.ratio) <= 1 && measures.ratio > 1) {
        return;
      }
      settle({ top: Math.min(shift * measures.ratio, measures.maxTop), shift });
    };
    const onWheel = (event: WheelEvent) => {
      const { scale: measures, top: at, view: height } = now.current;
      if (measures.ratio === 1 || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        return;
      }
      event.preventDefault();
      const unit = event.deltaMode === 1 ? rowHeight : event.deltaMode === 2 ? height : 1;
      moveTo(at + event.deltaY * unit);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("wheel", onWheel);
      clearTimeout(still.current);
    };
  }, [box, moveTo, rowHeight, settle]);

  return { scale, top, shift: place.shift, view, moving, moveTo, reveal };
}
