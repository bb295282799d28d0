/** How long something was there: a rope from where it was first seen to where it was last seen. */
import { useTranslation } from "../i18n";
import { moment } from "../i18n/format";
import css from "./LifeLine.module.css";

/** A life between two moments of the whole history. */
export interface LifeLineProps {
  /** The oldest snapshot of the source. */
  from: string | undefined;
  /** First seen; unknown until it was looked up. */
  since: string | undefined;
  /** Last seen. */
  last: string;
  /** It is still there. */
  now: boolean;
  /** It is gone, not only changed. */
  gone: boolean;
}

function share(time: string, from: number, to: number): number {
  const at = (new Date(time).getTime() - from) / Math.max(1, to - from);
  return 1 + Math.max(0, Math.min(1, at)) * 98;
}

/** The line with its words. */
export function LifeLine({ from, since, last, now, gone }: LifeLineProps) {
  const { t } = useTranslation();
  const to = Date.now();
  const begin = from ? new Date(from).getTime() : new Date(last).getTime();
  const end = now ? 99 : share(last, begin, to);
  const start = since ? share(since, begin, to) : Math.max(1, end - 24);
  const word = now ? "snapshots:life.still" : gone ? "snapshots:life.lastSeen" : "snapshots:life.changed";
  return (
    <div className={css.life}>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" className={css.drawing} aria-hidden>
        <path d="M1 5H99" className={css.base} />
        <path d={`M${start} 5H${end}`} className={since ? css.rope : css.unknown} />
      </svg>
      {since && <span className={css.knot} style={{ left: `${start}%` }} />}
      {gone ? (
        <svg viewBox="0 0 10 10" className={css.cross} style={{ left: `${end}%` }} aria-hidden>
          <path d="M2 2l6 6M8 2l-6 6" />
        </svg>
      ) : (
        <span className={css.knot} style={{ left: `${end}%` }} />
      )}
      <div className={css.words}>
        <span>{since ? t("snapshots:life.since", { time: moment(since) }) : ""}</span>
        <span data-state={now ? "now" : gone ? "gone" : "changed"}>{t(word, { time: moment(last) })}</span>
      </div>
    </div>
  );
}
