/** How the window is built: `dev` and `build:fake` run against the in-memory Backstay, `build` against the real one. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  // Relative addresses work both from Tauri's protocol and from a folder opened in a plain browser.
  base: "./",
  plugins: [react()],
  define: { __FAKE__: JSON.stringify(mode === "fake" || mode === "test") },
  // The polyfill would fetch, which the window's content policy forbids; WebKitGTK does not need it.
  build: {
    target: "safari16",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  server: { port: 5173, strictPort: true },
  test: {
    environment: "jsdom",
    globals: false,
    setupFiles: ["./src/test/setup.ts"],
    css: false,
    include: ["src/**/*.test.{ts,tsx}"],
    // Components are drawn by both cores of a small machine; more workers only wait for each other.
    maxWorkers: 2,
    testTimeout: 40_000,
  },
}));
