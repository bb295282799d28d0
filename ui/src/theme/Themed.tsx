/** Puts the theme around the window and follows the person's choices. */
import { type MantineColorSchemeManager, MantineProvider } from "@mantine/core";
import { type ReactNode, useEffect, useMemo } from "react";
import { appearance, setAppearance, subscribe, useAppearance } from "./appearance";
import { theme, variables } from "./theme";

function mantineScheme(): "auto" | "light" | "dark" {
  const { scheme } = appearance();
  return scheme === "system" ? "auto" : scheme;
}

/** Mantine keeps its colour scheme in our one store of choices. */
function schemes(): MantineColorSchemeManager {
  let stop = () => {};
  return {
    get: () => mantineScheme(),
    set: (scheme) => setAppearance({ scheme: scheme === "auto" ? "system" : scheme }),
    subscribe: (onUpdate) => {
      stop = subscribe(() => onUpdate(mantineScheme()));
    },
    unsubscribe: () => stop(),
    clear: () => setAppearance({ scheme: "system" }),
  };
}

/** Theme, colour scheme and colour-blind set for everything inside. */
export function Themed({ children, test = false }: { children: ReactNode; test?: boolean }) {
  const { colourBlind, reducedMotion } = useAppearance();
  const manager = useMemo(schemes, []);
  const resolver = useMemo(() => variables(colourBlind), [colourBlind]);
  useEffect(() => {
    document.documentElement.toggleAttribute("data-calm", reducedMotion);
  }, [reducedMotion]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      colorSchemeManager={manager}
      defaultColorScheme="auto"
      env={test ? "test" : "default"}
    >
      {children}
    </MantineProvider>
  );
}
