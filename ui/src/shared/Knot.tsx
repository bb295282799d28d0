/** One backup on the line: its shape tells how it ended. */
import css from "./Knot.module.css";
import { type Status, StatusGlyph, statusColor } from "./StatusGlyph";

/** A knot of one state; `chosen` is the one a page is about, `live` the source itself. */
export function Knot({ status, chosen = false, live = false }: { status: Status; chosen?: boolean; live?: boolean }) {
  if (live) {
    return <span className={css.live} aria-hidden data-knot="live" />;
  }
  if (chosen) {
    return <span className={css.chosen} aria-hidden data-knot="chosen" />;
  }
  if (status === "failed") {
    return (
      <svg viewBox="0 0 10 10" className={css.cross} aria-hidden data-knot="failed">
        <path d="M2 2l6 6M8 2l-6 6" />
      </svg>
    );
  }
  if (status === "complete") {
    return (
      <span className={css.knot} style={{ background: statusColor(status, "mark") }} aria-hidden data-knot="complete" />
    );
  }
  return (
    <span className={css.glyph} aria-hidden data-knot={status}>
      <StatusGlyph status={status} size={11} />
    </span>
  );
}
