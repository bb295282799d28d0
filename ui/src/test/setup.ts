/** What jsdom lacks and Mantine asks for, and a clean page after every test. */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { resetJobs } from "../api";
import { setLanguage, startTexts } from "../i18n";
import { setAppearance } from "../theme/appearance";

/** Width of the window as media queries see it; `render` of `./render` changes it. */
export const viewport = { width: 1200, dark: false };

function matches(query: string): boolean {
  if (query.includes("prefers-color-scheme: dark")) {
    return viewport.dark;
  }
  const [, edge, size] = /\((min|max)-width: ([\d.]+)em\)/.exec(query) ?? [];
  if (!edge) {
    return query.includes("reduced-motion");
  }
  const width = Number(size) * 16;
  return edge === "min" ? viewport.width >= width : viewport.width <= width;
}

Object.defineProperty(window, "matchMedia", {
  writable: true,
  value: (query: string) => ({
    matches: matches(query),
    media: query,
    onchange: null,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
    dispatchEvent: () => false,
  }),
});

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Object.assign(window, { ResizeObserver: NoObserver, IntersectionObserver: NoObserver });
HTMLCanvasElement.prototype.getContext = () => null;
Element.prototype.scrollIntoView = () => {};
Element.prototype.scrollTo = () => {};
Object.defineProperty(document, "fonts", { value: { addEventListener: () => {}, removeEventListener: () => {} } });

// A busy machine draws slowly; what never comes still fails, only later.
configure({ asyncUtilTimeout: 8000 });
process.env.DEBUG_PRINT_LIMIT = "4000";
startTexts("en");

beforeEach(() => {
  viewport.width = 1200;
  viewport.dark = false;
});

afterEach(() => {
  cleanup();
  resetJobs();
  setLanguage("en");
  localStorage.clear();
  setAppearance({ scheme: "system", colourBlind: false, language: "en", reducedMotion: false, singleKeys: true });
  vi.useRealTimers();
});
