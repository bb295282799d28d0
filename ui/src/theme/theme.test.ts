/** Contrast of every text and mark on every ground it stands on, in both schemes and in the colour-blind set. */
import { describe, expect, it } from "vitest";
import { theme, variables } from "./theme";

type Vars = Record<string, string>;

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const states = ["complete", "partial", "failed", "running", "overdue", "paused", "guard"];
const grounds = ["panel", "canvas", "hover", "accent-tint"];
const texts: [string, string][] = [
  ...["ink", "ink-2", "ink-3", "accent"].flatMap((ink) => grounds.map((ground): [string, string] => [ink, ground])),
  ...states.flatMap((state): [string, string][] => [
    [state, "panel"],
    [state, `${state}-tint`],
  ]),
  ["ins-ink", "ins-bg"],
  ["del-ink", "del-bg"],
  ["on-accent", "accent-fill"],
];
const marks: [string, string][] = [
  ...states.map((state): [string, string] => [`${state}-mark`, "panel"]),
  ["line-strong", "panel"],
  ["focus", "panel"],
  ["rope", "panel"],
];

function low(vars: Vars, pairs: [string, string][], least: number): string[] {
  return pairs
    .map(([ink, ground]) => ({ ink, ground, ratio: contrast(vars[`--bs-${ink}`] ?? "", vars[`--bs-${ground}`] ?? "") }))
    .filter(({ ratio }) => !(ratio >= least))
    .map(({ ink, ground, ratio }) => `${ink} on ${ground}: ${ratio.toFixed(2)}`);
}

describe.each([false, true])("the colours (colour-blind set: %s)", (safe) => {
  const made = variables(safe)(theme as never);
  it.each(["light", "dark"] as const)("have enough contrast in %s", (scheme) => {
    const vars = made[scheme] as Vars;
    expect(low(vars, texts, 4.5)).toEqual([]);
    expect(low(vars, marks, 3)).toEqual([]);
  });
});

describe("the colour-blind set", () => {
  it("replaces the colours of complete and failed", () => {
    const of = (safe: boolean) => variables(safe)(theme as never).light["--bs-complete-mark"];
    expect(of(true)).not.toBe(of(false));
  });
});
