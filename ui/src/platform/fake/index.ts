/**
 * An in-memory Backstay: the window runs against it in a plain browser and in component tests. Each `fake/<domain>.ts` exports
 * `handlers`; they are found by themselves. Errors and delays can be scripted, jobs go on by timers or by hand.
 */
import type { ApiError, Commands } from "../../api/generated";
import type { CallOptions, DropEvent, Platform, PlatformEvents, ShellCommands } from "../platform";
import { addCouch } from "./couchData";
import { apiError } from "./errors";
import type { Handlers } from "./handlers";
import { FakeJobs } from "./jobs";
import { makeWorld, type World } from "./world";

export { apiError } from "./errors";
export type { Handlers } from "./handlers";

const files = import.meta.glob<{ handlers?: Handlers }>(["./*.ts", "!./index.ts", "!./start.ts", "!./*.test.ts"], {
  eager: true,
});

type AnyHandler = (request: unknown, fake: Fake, options: CallOptions) => unknown;
type ShellAnswers = { [N in keyof ShellCommands]?: ShellCommands[N]["reply"] };

/** How a fake begins. */
export interface FakeSettings {
  now?: Date;
  /** Nothing is set up: first run. */
  empty?: boolean;
  /** Two CouchDB servers more; a number: with so many databases in the first one. */
  couch?: boolean | number;
  /** Milliseconds between two steps of a job; 0 lets jobs stand until `jobs.step` and `jobs.finish`. */
  tick?: number;
}

/** The in-memory Backstay. */
export class Fake implements Platform {
  readonly name = "fake";
  readonly world: World;
  readonly jobs: FakeJobs;
  /** Every call, in order. Secrets are in `options`; a test can look. */
  readonly calls: { name: string; request: unknown; options: CallOptions }[] = [];
  readonly shellCalls: { name: string; request: unknown }[] = [];
  /** What dialogs answer. */
  readonly answers: ShellAnswers = {
    "shell.pickFolder": "/home/mara/Chosen",
    "shell.pickFile": "/home/mara/team-wiki-2026-11-19.backstay.zip",
    "shell.saveFile": "/home/mara/saved",
    "shell.autostart": false,
    "shell.commandLine": "/usr/bin/backstay",
    "shell.launch": { paths: [], hidden: false, version: "0.1.0" },
  };
  /** Title of the window. */
  title = "";
  private readonly handlers = new Map<string, AnyHandler>();
  private readonly scripted = new Map<string, { error: ApiError; times: number }>();
  private readonly delays = new Map<string, number>();
  private readonly listeners = new Map<string, Set<(payload: never) => void>>();
  private readonly drops = new Set<(event: DropEvent) => void>();
  private readonly cancelled = new Set<string>();

  constructor(settings: FakeSettings = {}) {
    this.world = makeWorld(settings.now ?? new Date(), settings.empty);
    if (settings.couch !== undefined && settings.couch !== false) {
      addCouch(this.world, settings.couch === true ? 0 : settings.couch);
    }
    this.jobs = new FakeJobs(this, settings.tick ?? 400);
    for (const { handlers } of Object.values(files)) {
      this.handle(handlers ?? {});
    }
    this.handle(this.jobs.handlers());
  }

  /** Answers commands in another way from now on. */
  handle(handlers: Handlers): this {
    for (const [name, handler] of Object.entries(handlers)) {
      this.handlers.set(name, handler as AnyHandler);
    }
    return this;
  }

  /** The next calls of a command (all, or `times`) fail with this. */
  fail(name: keyof Commands, error: ApiError, times = Number.POSITIVE_INFINITY): this {
    this.scripted.set(name, { error, times });
    return this;
  }

  /** The command works again. */
  mend(name: keyof Commands): this {
    this.scripted.delete(name);
    return this;
  }

  /** Calls of a command answer after this time. */
  delay(name: keyof Commands, milliseconds: number): this {
    this.delays.set(name, milliseconds);
    return this;
  }

  /** The requests a command got so far. */
  requests<N extends keyof Commands>(name: N): Commands[N]["request"][] {
    return this.calls.filter((made) => made.name === name).map((made) => made.request as Commands[N]["request"]);
  }

  async call(name: string, request: unknown, options: CallOptions = {}): Promise<unknown> {
    this.calls.push({ name, request, options });
    const wait = this.delays.get(name) ?? 0;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (options.token && this.cancelled.delete(options.token)) {
      throw apiError("cancelled", "Cancelled.");
    }
    return this.answer(name, request, options);
  }

  /** What a command gives, without delay. Jobs use it for their reply. */
  async answer(name: string, request: unknown, options: CallOptions = {}): Promise<unknown> {
    const planned = this.scripted.get(name);
    if (planned && planned.times > 0) {
      planned.times--;
      throw planned.error;
    }
    const handler = this.handlers.get(name);
    if (!handler) {
      throw apiError("unsupported", `The fake Backstay does not know “${name}”.`);
    }
    // A copy, as over the wire: the window must not share objects with the world.
    return structuredClone(await handler(structuredClone(request), this, options));
  }

  async cancelCall(token: string): Promise<void> {
    this.cancelled.add(token);
  }

  async shell<N extends keyof ShellCommands>(
    name: N,
    request: ShellCommands[N]["request"],
  ): Promise<ShellCommands[N]["reply"]> {
    this.shellCalls.push({ name, request });
    if (name === "shell.autostart") {
      const { set } = request as { set?: boolean };
      this.answers["shell.autostart"] = set ?? this.answers["shell.autostart"] ?? false;
    }
    return (this.answers[name] ?? null) as ShellCommands[N]["reply"];
  }

  listen<E extends keyof PlatformEvents>(event: E, handler: (payload: PlatformEvents[E]) => void): () => void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(handler as never));
    return () => listeners.delete(handler as never);
  }

  /** Tells the window something, as the engine would. */
  emit<E extends keyof PlatformEvents>(event: E, payload: PlatformEvents[E]): void {
    for (const handler of this.listeners.get(event) ?? []) {
      handler(structuredClone(payload) as never);
    }
  }

  onDrop(handler: (event: DropEvent) => void): () => void {
    this.drops.add(handler);
    return () => this.drops.delete(handler);
  }

  /** Drags something over the window, or lets it go. */
  drag(event: DropEvent): void {
    for (const handler of this.drops) {
      handler(event);
    }
  }

  setTitle(title: string): void {
    this.title = title;
    document.title = title;
  }
}
