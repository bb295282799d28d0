/** The edges of a page. Pages that fill the window themselves (browser, compare) do without the padding. */
import type { ReactNode } from "react";
import css from "./Page.module.css";

/** What a page is made of. */
export interface PageProps {
  children: ReactNode;
  /** As high as the window: inner parts scroll by themselves. Under 720 px the page scrolls again. */
  fill?: boolean;
  /** A bar at the bottom that stays in sight. */
  footer?: ReactNode;
}

/** A page with its edges of 24 px (16 under 1000 px). */
export function Page({ children, fill = false, footer }: PageProps) {
  return (
    <div className={css.page} data-fill={fill || undefined}>
      <div className={css.body}>{children}</div>
      {footer && <footer className={css.footer}>{footer}</footer>}
    </div>
  );
}
