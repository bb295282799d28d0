/** What the desktop asks of the window: go somewhere, open files that were given at the start or dropped on the icon. */
import { useCallback, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { call } from "../api";
import { platform } from "../platform";
import { paths } from "../shared/paths";

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

/** What is to be shown. */
type Wish = { to: string } | { files: string[] };

/** Follows the desktop. While the window is locked the last wish waits. */
export function useDesktopEvents(locked: boolean): void {
  const navigate = useNavigate();
  const waiting = useRef<Wish | null>(null);
  const shut = useRef(locked);
  shut.current = locked;

  const follow = useCallback(
    async (wish: Wish) => {
      if (shut.current) {
        waiting.current = wish;
        return;
      }
      const to = "to" in wish ? wish.to : await fileRoute(wish.files);
      if (to) {
        await navigate(to);
      }
    },
    [navigate],
  );

  useEffect(() => {
    const stops = [
      platform().listen("navigate", ({ to }) => void follow({ to })),
      platform().listen("open", ({ paths: files }) => void follow({ files })),
    ];
    // Asked for after the listeners stand: from then on the desktop tells by events.
    void platform()
      .shell("shell.launch", {})
      .then(({ paths: files, to }) => (to ? follow({ to }) : files.length > 0 ? follow({ files }) : undefined))
      .catch(() => undefined);
    return () => {
      for (const stop of stops) {
        stop();
      }
    };
  }, [follow]);

  useEffect(() => {
    if (!locked && waiting.current) {
      void follow(waiting.current);
      waiting.current = null;
    }
  }, [locked, follow]);
}
