/** Starts the window: platform, texts, colours of the first frame, then the app. */
import "@mantine/core/styles.layer.css";
import "@mantine/charts/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "@fontsource-variable/inter/opsz.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "./theme/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTexts } from "./i18n";
import { setPlatform } from "./platform";
import { App } from "./shell/App";
import { appearance, resolvedScheme } from "./theme/appearance";

async function start(): Promise<void> {
  if (__FAKE__) {
    const { startFake } = await import("./platform/fake/start");
    setPlatform(startFake());
  } else {
    const { tauri } = await import("./platform/tauri");
    setPlatform(tauri);
  }
  startTexts(appearance().language);
  // Before the first frame, so that a dark desktop sees no white flash.
  document.documentElement.setAttribute("data-mantine-color-scheme", resolvedScheme());
  const root = document.getElementById("root");
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
}

void start();
