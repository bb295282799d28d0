/** Whether an element has come into sight: details of long lists are read only then. */
import { type RefObject, useEffect, useState } from "react";

/** True from the first moment the element (or a page's height around it) is in sight. */
export function useSeen(target: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = target.current;
    if (seen || !element) {
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setSeen(true);
        }
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen, target]);
  return seen;
}
