/** The app's icon, as in `icons/icon-small.svg` and `icons/icon.svg`. */
import type { CSSProperties } from "react";

/** Mast and stay on marine ground; from 48 px on with deck, sail and sea. The drawing's own colours are the same in both schemes. */
export function AppIcon({ size = 22 }: { size?: number }) {
  const rem = `${size / 16}rem`;
  const style = { width: rem, height: rem, flex: "none" };
  return size < 48 ? <Small style={style} /> : <Large style={style} />;
}

function Small({ style }: { style: CSSProperties }) {
  return (
    <svg viewBox="0 0 32 32" style={style} aria-hidden>
      <rect x="1" y="1" width="30" height="30" rx="7" fill="#12385F" />
      <path d="M11.4 6.4L25.4 24.2" stroke="#86E3B4" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M11.4 6V25M5.4 25H26.8" stroke="#fff" strokeWidth="2.8" strokeLinecap="round" fill="none" />
    </svg>
  );
}

function Large({ style }: { style: CSSProperties }) {
  return (
    <svg viewBox="20 20 472 472" style={style} aria-hidden>
      <defs>
        <linearGradient id="app-icon-sea" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#174A7C" />
          <stop offset="1" stopColor="#0B2745" />
        </linearGradient>
        <clipPath id="app-icon-edge">
          <rect x="20" y="20" width="472" height="472" rx="112" />
        </clipPath>
      </defs>
      <rect x="20" y="20" width="472" height="472" rx="112" fill="url(#app-icon-sea)" />
      <g clipPath="url(#app-icon-edge)">
        <path d="M166 132C136 214 106 296 92 374c24 8 48 12 74 13z" fill="#fff" opacity=".2" />
        <path d="M20 428c50-18 78 14 118 2s70-18 118-2 80 14 118 0 74-10 118 4v80H20z" fill="#081D35" />
      </g>
      <path d="M190 98L420 398" stroke="#86E3B4" strokeWidth="18" strokeLinecap="round" />
      {[259, 316.5, 374].map((x, at) => (
        <circle key={x} cx={x} cy={188 + at * 75} r="19" fill="#fff" stroke="#10365C" strokeWidth="5" />
      ))}
      <path d="M190 92V402" stroke="#fff" strokeWidth="27" strokeLinecap="round" />
      <path d="M84 400C170 418 330 420 430 396" fill="none" stroke="#fff" strokeWidth="27" strokeLinecap="round" />
    </svg>
  );
}
