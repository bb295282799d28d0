/** What the desktop asks of the window: go somewhere, open files that were given at the start or dropped on the icon. */
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { call } from "../api";
import { platform } from "../platform";
import { paths } from "../shared/paths";

let launched = false;

/** Where files lead that were given to Backstay. One bundle opens as such; anything else is asked about. */
export async function fileRoute(files: string[]): Promise<string | null> {
  const [first] = files;
  if (first === undefined) {
    return null;
  }
  if (files.length === 1) {
    const found = await call("path.inspect", { path: first }, { silent: true }).catch(() => null);
    if (found?.kind === "bundle") {
      return paths.bundle(found.path);
    }
  }
  return paths.open(files);
}

/** Follows the desktop while the frame is drawn. */
export function useDesktopEvents(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const open = async (files: string[]) => {
      const to = await fileRoute(files);
      if (to) {
        await navigate(to);
      }
    };
    const stops = [
      platform().listen("navigate", ({ to }) => void navigate(to)),
      platform().listen("open", ({ paths: files }) => void open(files)),
    ];
    if (!launched) {
      launched = true;
      void platform()
        .shell("shell.launch", {})
        .then(({ paths: files, to }) => (to ? navigate(to) : open(files)))
        .catch(() => undefined);
    }
    return () => {
      for (const stop of stops) {
        stop();
      }
    };
  }, [navigate]);
}
