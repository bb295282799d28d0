/** The signs in cells: drawn, so that they stay sharp at every size. */
const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.8, strokeLinecap: "round" as const };

/** A sign of a kind of cell; some kinds have none. */
export function Mark({ kind }: { kind: string }) {
  const shape = shapes[kind];
  return shape ? (
    <svg viewBox="0 0 12 12" aria-hidden>
      {shape}
    </svg>
  ) : null;
}

const cross = <path d="M3.4 3.4l5.2 5.2M8.6 3.4L3.4 8.6" {...line} />;
const shapes: Record<string, React.ReactNode> = {
  caughtUp: <path d="M2.6 6h6.4M6.6 3.6L9 6 6.6 8.4" {...line} />,
  partial: <path d="M6 0H0v12h6z" fill="currentColor" />,
  failed: cross,
  cancelled: <path d="M3 6h6" {...line} />,
  waited: <path d="M4.4 3.2v5.6M7.6 3.2v5.6" {...line} />,
  running: <path d="M6 2.2A3.8 3.8 0 1 1 2.6 7.6" {...line} />,
  skipped: <path d="M3.4 8.6l5.2-5.2" {...line} />,
  notYet: <circle cx="6" cy="6" r="1.2" fill="currentColor" />,
  some: cross,
  gone: cross,
};
