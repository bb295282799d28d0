/** What the window needs from the machine it runs on. The desktop gives it through Tauri, tests and a plain browser through the fake. */
import type { JobView, Topic } from "../api/generated";

/** Secrets and the name of a call; they are used once and kept nowhere. */
export interface CallOptions {
  /** Opens the vault this call needs. */
  password?: string;
  /** For creating a vault or a key. */
  newPassword?: string;
  /** Of the app lock. */
  passphrase?: string;
  /** Names the call, so that `cancelCall` can stop it. */
  token?: string;
}

/** What Backstay tells the window on its own. */
export interface PlatformEvents {
  job: JobView;
  stale: { topics: Topic[] };
  open: { paths: string[] };
  navigate: { to: string };
}

/** Something dragged over the window. */
export type DropEvent =
  | { type: "enter"; paths: string[] }
  | { type: "over" }
  | { type: "leave" }
  | { type: "drop"; paths: string[] };

/** Requests and replies of the things only a desktop can do. */
export interface ShellCommands {
  "shell.pickFolder": { request: { title: string }; reply: string | null };
  "shell.pickFile": { request: { title: string; extensions?: string[] }; reply: string | null };
  "shell.saveFile": { request: { title: string; suggested: string }; reply: string | null };
  "shell.reveal": { request: { path: string }; reply: null };
  "shell.openFile": { request: { path: string }; reply: null };
  "shell.autostart": { request: { set?: boolean }; reply: boolean };
  /** Where the program for the terminal lies; `null` when it is not beside this one. */
  "shell.commandLine": { request: Record<string, never>; reply: string | null };
  "shell.quit": { request: Record<string, never>; reply: null };
  "shell.print": { request: { path: string }; reply: null };
  "shell.launch": {
    request: Record<string, never>;
    reply: { paths: string[]; to?: string; hidden: boolean; version: string };
  };
  "shell.testNotification": { request: Record<string, never>; reply: null };
}

/** The machine below the window. Errors are rejections with the engine's `ApiError`. */
export interface Platform {
  /** For the few places that say where they run (About). */
  readonly name: "desktop" | "fake";
  call(name: string, request: unknown, options?: CallOptions): Promise<unknown>;
  cancelCall(token: string): Promise<void>;
  shell<N extends keyof ShellCommands>(
    name: N,
    request: ShellCommands[N]["request"],
  ): Promise<ShellCommands[N]["reply"]>;
  /** Returns the function that stops listening. */
  listen<E extends keyof PlatformEvents>(event: E, handler: (payload: PlatformEvents[E]) => void): () => void;
  onDrop(handler: (event: DropEvent) => void): () => void;
  /** Title of the window, as the task bar and screen readers give it. */
  setTitle(title: string): void;
}
