/** What a file of the fake exports: answers to commands, by name. */
import type { Commands } from "../../api/generated";
import type { CallOptions } from "../platform";
import type { Fake } from "./index";

/** Answers to some commands. A handler may throw what `fail` of `errors.ts` makes. */
export type Handlers = {
  [N in keyof Commands]?: (
    request: Commands[N]["request"],
    fake: Fake,
    options: CallOptions,
  ) => Commands[N]["reply"] | Promise<Commands[N]["reply"]>;
};
