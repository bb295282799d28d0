/** Small charts for rows: a line of values, a strip of runs. Plain drawings, light enough for hundreds of them. */
import { statusColor, verdictStatus } from "../shared/StatusGlyph";
import type { Day } from "./daily";
import { ran } from "./daily";
import css from "./figures.module.css";

const WIDTH = 72;
const HEIGHT = 16;

/** The line as a path: from the least to the most of its values, holes left out. */
export function sparkPath(values: (number | undefined)[], width = WIDTH, height = HEIGHT): string {
  const known = values.filter((value): value is number => value !== undefined);
  if (known.length < 2) {
    return "";
  }
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const y = (value: number) => (span === 0 ? height / 2 : height - 1.5 - ((value - least) / span) * (height - 3));
  const step = width / Math.max(1, values.length - 1);
  let path = "";
  values.forEach((value, at) => {
    if (value !== undefined) {
      path += `${path === "" ? "M" : "L"}${(at * step).toFixed(1)} ${y(value).toFixed(1)}`;
    }
  });
  return path;
}

/** A line. Without two values there is nothing to see. */
export function Spark({ values, label }: { values: (number | undefined)[]; label: string }) {
  const path = sparkPath(values);
  return path === "" ? null : (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={css.spark}
      role="img"
      aria-label={label}
    >
      <path d={path} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** A bar for each day or stretch of days, in the colour of the worst run. */
export function RunStrip({ days, label }: { days: Day[]; label: string }) {
  const step = WIDTH / Math.max(1, days.length);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={css.spark}
      role="img"
      aria-label={label}
    >
      {days.map((day, at) => {
        const bad = day.worst === "failed" || day.worst === "partial";
        const height = ran(day.runs) === 0 ? 2 : bad ? HEIGHT : HEIGHT - 5;
        return (
          <rect
            key={day.day}
            x={at * step}
            y={HEIGHT - height}
            width={Math.max(0.6, step - 0.6)}
            height={height}
            fill={day.worst ? statusColor(verdictStatus(day.worst), "mark") : "var(--bs-line)"}
          />
        );
      })}
    </svg>
  );
}
