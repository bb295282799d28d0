/** The head of a page: crumbs, title, state, one line beneath, actions at the right. It also names the window. */
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import css from "./PageHeader.module.css";

/** A step on the way here. */
export interface Crumb {
  label: string;
  to: string;
}

/** What a page says at its head. */
export interface PageHeaderProps {
  title: string;
  /** The way here, outermost first. */
  crumbs?: Crumb[];
  /** State pill beside the title. */
  state?: ReactNode;
  /** One line beneath. */
  line?: ReactNode;
  /** Emblem or icon at the left. */
  icon?: ReactNode;
  /** Buttons; at most one of them filled. */
  actions?: ReactNode;
  /** Overview and first run have a larger title. */
  large?: boolean;
}

/** Names the window after the page. */
export function usePageTitle(title: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    platform().setTitle(`${title} · ${t("common:app")}`);
  }, [title, t]);
}

/** The head of a page. */
export function PageHeader({ title, crumbs = [], state, line, icon, actions, large = false }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <header className={css.header} data-large={large || undefined}>
      {icon && <div className={css.icon}>{icon}</div>}
      <div className={css.text}>
        <div className={css.titleRow}>
          {crumbs.map((crumb) => (
            <span key={crumb.to} className={css.crumb}>
              <Link to={crumb.to}>{crumb.label}</Link> <span aria-hidden>›</span>
            </span>
          ))}
          <h1 className={css.title} tabIndex={-1} data-page-title>
            {title}
          </h1>
          {state}
        </div>
        {line && <div className={css.line}>{line}</div>}
      </div>
      {actions && <div className={css.actions}>{actions}</div>}
    </header>
  );
}
