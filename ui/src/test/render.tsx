/** Draws a component or the whole window against a fake Backstay, and judges it with axe. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render as draw, type RenderResult } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { connect, makeQueryClient } from "../api";
import { setPlatform } from "../platform";
import { Fake } from "../platform/fake";
import { tree } from "../shell/App";
import { Themed } from "../theme/Themed";
import { viewport } from "./setup";

/** The day of the pictures. */
export const NOW = new Date("2026-11-20T09:41:00");

/** How a test begins. */
export interface RenderSettings {
  /** Address of the page. */
  at?: string;
  fake?: Fake;
  /** Width of the window in px. */
  width?: number;
}

/** What a test works with. */
export interface Drawn extends RenderResult {
  fake: Fake;
  user: UserEvent;
  /** Address of the page now. */
  where: () => string;
}

function drawRoutes(routes: Parameters<typeof createMemoryRouter>[0], settings: RenderSettings): Drawn {
  const fake = settings.fake ?? new Fake({ now: NOW, tick: 0 });
  setPlatform(fake);
  viewport.width = settings.width ?? 1200;
  const client = makeQueryClient();
  const router = createMemoryRouter(routes, { initialEntries: [settings.at ?? "/"] });
  const user = userEvent.setup();
  connect(client);
  const drawn = draw(
    <Themed test>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Themed>,
  );
  const where = () => `${router.state.location.pathname}${router.state.location.search}`;
  return { ...drawn, fake, user, where };
}

/** Draws one component, with everything around it that components rely on. */
export function render(node: ReactNode, settings: RenderSettings = {}): Drawn {
  return drawRoutes([{ path: "*", element: node }], settings);
}

/** Draws the whole window at an address. */
export function renderApp(settings: RenderSettings = {}): Drawn {
  return drawRoutes(tree, settings);
}

/** What axe finds wrong, in words; empty is right. Contrast is measured elsewhere: jsdom paints nothing. */
export async function axeFindings(container: Element = document.body): Promise<string[]> {
  const result = await axe.run(container, {
    rules: {
      "color-contrast": { enabled: false },
      region: { enabled: false },
      "page-has-heading-one": { enabled: false },
    },
  });
  return result.violations.map(
    (violation) =>
      `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
  );
}
