/** Mast, deck and backstay: taut when all is well, slack when a backup is old, torn when one failed, three beads while one runs. */
import css from "./Emblem.module.css";
import { type Status, StatusGlyph, statusColor } from "./StatusGlyph";

/** The worst state as a drawing. Decoration: the sentence beside it says the same. */
export function Emblem({ status, size = 44 }: { status: Status; size?: number }) {
  const rem = `${size / 16}rem`;
  const badge = status === "guard" || status === "partial" || status === "overdue";
  return (
    <span className={css.emblem} style={{ width: rem, height: rem }} data-status={status} aria-hidden>
      <svg viewBox="0 0 22 22" className={css.drawing}>
        <path d="M6 2.6V19.4M1.8 19.4H20.2" className={css.mast} />
        <path d={rope(status)} className={css.rope} style={{ stroke: ropeColor(status) }} data-shape={status} />
        {status === "failed" && <path d="M14.2 2.8L19.4 8M19.4 2.8L14.2 8" className={css.cross} />}
      </svg>
      {badge && (
        <span className={css.badge}>
          <StatusGlyph status={status} size={size * 0.42} />
        </span>
      )}
    </span>
  );
}

function rope(status: Status): string {
  switch (status) {
    case "failed":
      return "M6 2.9L9.4 7.5M14.6 14.5L17.8 18.8";
    case "overdue":
      return "M6 2.9C6.4 11.6 10.2 17.2 17.8 18.8";
    case "running":
      return "M9.3 7.2v.01M13 12.1v.01M16.6 16.6v.01";
    default:
      return "M6 2.9L17.8 18.8";
  }
}

function ropeColor(status: Status): string {
  return status === "none" ? "var(--bs-line-strong)" : statusColor(status, "mark");
}
