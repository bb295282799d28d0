/** The shape of a state. Shape, word and colour always come together; alone it needs a `label`. */
import type { ReactNode } from "react";
import type { Health, JobView, Verdict } from "../api/generated";
import { useTranslation } from "../i18n";
import css from "./StatusGlyph.module.css";

/** All states with a shape of their own. */
export type Status = "complete" | "partial" | "failed" | "running" | "overdue" | "paused" | "guard" | "none";

/** States from worst to best. */
export const severity: Status[] = ["guard", "failed", "overdue", "partial", "running", "paused", "none", "complete"];

/** The worst of some states. */
export function worst(states: Iterable<Status>): Status | undefined {
  const found = new Set(states);
  return severity.find((state) => found.has(state));
}

/** How a run that ended is shown. */
export function verdictStatus(verdict: Verdict | Health | null | undefined): Status {
  switch (verdict) {
    case "complete":
    case "partial":
    case "failed":
    case "none":
      return verdict;
    case "cancelled":
      return "paused";
    default:
      return "none";
  }
}

/** How a job is shown. */
export function jobStatus(job: JobView): Status {
  if (job.state === "done") {
    return verdictStatus(job.verdict ?? (job.error ? "failed" : "complete"));
  }
  return job.state === "running" ? "running" : "paused";
}

const shapes: Record<Status, ReactNode> = {
  complete: (
    <>
      <circle cx="8" cy="8" r="7" className={css.fill} />
      <path d="M4.9 8.2l2.1 2.1 4.1-4.4" className={css.inner} />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" className={css.fill} />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" className={css.inner} />
    </>
  ),
  guard: (
    <>
      <path d="M8 .9l6 2.1v4.4c0 3.7-2.4 6.4-6 7.7-3.6-1.3-6-4-6-7.7V3z" className={css.fill} />
      <path d="M8 4.5v3.9" className={css.inner} />
      <circle cx="8" cy="11" r="1" className={css.innerFill} />
    </>
  ),
  none: <circle cx="8" cy="8" r="6.2" className={css.ring} strokeDasharray="2.2 2.2" />,
  overdue: (
    <>
      <circle cx="8" cy="8" r="6.2" className={css.ring} />
      <path d="M8 4.4V8l2.6 1.7" className={css.ring} />
    </>
  ),
  partial: (
    <>
      <circle cx="8" cy="8" r="6.2" className={css.ring} />
      <path d="M8 1.8a6.2 6.2 0 0 0 0 12.4z" className={css.fill} />
    </>
  ),
  paused: (
    <>
      <circle cx="8" cy="8" r="6.2" className={css.ring} />
      <path d="M6.4 5.7v4.6M9.6 5.7v4.6" className={css.ring} />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6.1" className={css.faint} />
      <path d="M8 1.9a6.1 6.1 0 0 1 5.6 8.5" className={css.arc} />
    </>
  ),
};

/** Colours of a state: `ink` for its word, `mark` for its shape, `tint` for its ground. */
export function statusColor(status: Status, role: "ink" | "mark" | "tint"): string {
  const token = status === "none" ? "paused" : status;
  return `var(--bs-${token}${role === "ink" ? "" : `-${role}`})`;
}

/** Everything a glyph can be. */
export interface StatusGlyphProps {
  status: Status;
  /** Size in px at 100 %; 15 by default. */
  size?: number;
  /** Read aloud: `true` for the state's word, a text of its own, or nothing when a word stands beside it. */
  label?: string | boolean;
  /** Colour of the ground it stands on, for the strokes inside. */
  ground?: string;
}

/** One state glyph. */
export function StatusGlyph({ status, size = 15, label, ground }: StatusGlyphProps) {
  const { t } = useTranslation();
  const name = label === true ? t(`common:status.${status}`) : label;
  return (
    <svg
      className={css.glyph}
      data-status={status}
      viewBox="0 0 16 16"
      style={{
        width: `${size / 16}rem`,
        height: `${size / 16}rem`,
        color: statusColor(status, "mark"),
        ...(ground ? { "--ground": ground } : {}),
      }}
      {...(name ? { role: "img", "aria-label": name } : { "aria-hidden": true })}
    >
      {shapes[status]}
    </svg>
  );
}
