/** The one platform this window runs on. It is set once, before anything is drawn. */
import type { Platform } from "./platform";

export type { CallOptions, DropEvent, Platform, PlatformEvents, ShellCommands } from "./platform";

let current: Platform | undefined;

/** Sets the platform; `main.tsx` and tests do. */
export function setPlatform(platform: Platform): void {
  current = platform;
}

/** The platform this window runs on. */
export function platform(): Platform {
  if (!current) {
    throw new Error("setPlatform was not called");
  }
  return current;
}
