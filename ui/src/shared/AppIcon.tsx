/** The small form of the app's icon. */

/** Mast and stay on marine ground. */
export function AppIcon({ size = 22 }: { size?: number }) {
  const rem = `${size / 16}rem`;
  return (
    <svg viewBox="0 0 32 32" style={{ width: rem, height: rem, flex: "none" }} aria-hidden>
      <rect x="1" y="1" width="30" height="30" rx="7" fill="#12385F" />
      <path d="M11.4 6.4L25.4 24.2" stroke="#86E3B4" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M11.4 6V25M5.4 25H26.8" stroke="#fff" strokeWidth="2.8" strokeLinecap="round" fill="none" />
    </svg>
  );
}
