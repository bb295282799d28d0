/** The Mantine theme, made from `theme.json` (the tokens of the design), and the CSS variables every colour comes from. */
import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MantineThemeComponent,
  type MantineThemeOverride,
} from "@mantine/core";
import tokens from "./theme.json";

/** Sizes in px at 100 % zoom, as the design names them. */
export const sizes = tokens.sizes;
/** States from worst to best. */
export const severity = tokens.severity;

type Vars = Record<string, Record<string, string>>;

const buttonHeights: Record<string, string> = {
  xs: "1.875rem",
  sm: "1.875rem",
  md: "2.25rem",
  "compact-xs": "1.625rem",
  "compact-sm": "1.625rem",
};

/** Height of a button follows its size: rows have small ones, a page at most one large one. */
function buttonVars(props: { size?: unknown }): Vars {
  const size = typeof props.size === "string" ? props.size : "xs";
  const root = tokens.componentVars.Button.root;
  const small = size.startsWith("compact");
  return {
    root: {
      ...root,
      "--button-height": buttonHeights[size] ?? root["--button-height"],
      ...(small ? { "--button-padding-x": "0.5rem" } : {}),
    },
  };
}

function components(): Record<string, MantineThemeComponent> {
  const defaults = tokens.mantine.componentDefaults as Record<string, Record<string, unknown>>;
  const { about: _, ...rest } = tokens.componentVars;
  const vars = rest as Record<string, Vars>;
  const names = new Set([...Object.keys(defaults), ...Object.keys(vars)]);
  const made: Record<string, MantineThemeComponent> = {};
  for (const name of names) {
    made[name] = {
      ...(defaults[name] ? { defaultProps: defaults[name] } : {}),
      ...(vars[name] ? { vars: () => vars[name] as never } : {}),
    };
  }
  made.Button = { ...made.Button, vars: (_theme: unknown, props: { size?: unknown }) => buttonVars(props) as never };
  made.Text = { defaultProps: { size: "sm" } };
  made.ActionIcon = { defaultProps: { variant: "subtle", size: "1.875rem", color: "gray" } };
  made.Progress = { defaultProps: { ...defaults.Progress, color: "var(--bs-running-mark)" } };
  // Without the placeholder the first item has the focus, and a menu holds nothing but its items.
  made.Menu = { defaultProps: { shadow: "md", radius: "lg", withInitialFocusPlaceholder: false } };
  made.HoverCard = { defaultProps: { shadow: "md", radius: "lg", openDelay: 120 } };
  made.Popover = { defaultProps: { shadow: "md", radius: "lg" } };
  return made;
}

const { componentDefaults: _defaults, colors, headings, ...rest } = tokens.mantine;

/** The theme of the window. */
export const theme: MantineThemeOverride = createTheme({
  ...rest,
  primaryShade: rest.primaryShade as { light: 7; dark: 6 },
  cursorType: "pointer",
  focusRing: "auto",
  headings: headings as MantineThemeOverride["headings"],
  colors: colors as unknown as Record<string, MantineColorsTuple>,
  components: components(),
});

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function colourBlind(scheme: "light" | "dark"): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tokens.colourBlind[scheme]).map(([name, value]) => [`--bs-${kebab(name)}`, value]),
  );
}

/** The variables of both schemes; `safe` takes the set that people with red-green blindness can tell apart. */
export function variables(safe: boolean): CSSVariablesResolver {
  return () => ({
    variables: { ...tokens.mantineVariables.both },
    light: { ...tokens.cssVariables.light, ...tokens.mantineVariables.both, ...(safe ? colourBlind("light") : {}) },
    dark: { ...tokens.cssVariables.dark, ...tokens.mantineVariables.both, ...(safe ? colourBlind("dark") : {}) },
  });
}
