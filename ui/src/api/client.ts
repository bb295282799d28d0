/** Typed calls of the engine's commands, as promises and as queries that follow what the engine calls stale. */
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type CallOptions, platform } from "../platform";
import { asError, type BackstayError } from "./error";
import type { Commands, Topic } from "./generated";
import { withSecrets } from "./secrets";
import { topicsOf } from "./topics";

/** Name of a command. */
export type CommandName = keyof Commands;
/** What a command takes. */
export type RequestOf<N extends CommandName> = Commands[N]["request"];
/** What a command gives. */
export type ReplyOf<N extends CommandName> = Commands[N]["reply"];

/** How a call behaves beside its request. */
export interface CallSettings extends CallOptions {
  /** Stops the call in the engine as well. */
  signal?: AbortSignal | undefined;
  /** Do not ask for a password or passphrase when one is missing; reject instead. */
  silent?: boolean;
}

let calls = 0;

/**
 * Calls a command. Rejects with a `BackstayError`. When a vault's password or the app lock's passphrase is missing, the person
 * is asked once and the call is made again, unless `silent`.
 */
export async function call<N extends CommandName>(
  name: N,
  request: RequestOf<N>,
  settings: CallSettings = {},
): Promise<ReplyOf<N>> {
  const { signal, silent, ...options } = settings;
  const once = async (secrets: CallOptions) => {
    const token = options.token ?? `call-${++calls}`;
    const stop = () => void platform().cancelCall(token);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return (await platform().call(name, request, { ...options, ...secrets, token })) as ReplyOf<N>;
    } catch (thrown) {
      throw asError(thrown);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  };
  return silent ? once({}) : withSecrets(once);
}

/** How a query behaves. */
export interface UseCallSettings {
  /** Read again when one of these is stale; the command's own topics by default. */
  topics?: Topic[];
  /** Wait until this is true. */
  enabled?: boolean;
  /** Show the last reply while the next one (of another request) is read. */
  keep?: boolean;
  /** Do not ask for secrets. Lists on pages that show several vaults want this. */
  silent?: boolean;
}

/** Reads something and keeps it fresh. */
export function useCall<N extends CommandName>(
  name: N,
  request: RequestOf<N>,
  settings: UseCallSettings = {},
): UseQueryResult<ReplyOf<N>, BackstayError> {
  const { topics = topicsOf(name), enabled = true, keep = false, silent = false } = settings;
  return useQuery<ReplyOf<N>, BackstayError>({
    queryKey: [name, request],
    queryFn: ({ signal }) => call(name, request, { signal, silent }),
    meta: { topics },
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** A command that changes something, for buttons: `mutate(request)`, `isPending`, `error`. What it made stale is read again by event. */
export function useAct<N extends CommandName>(name: N, settings: CallSettings = {}) {
  return useMutation<ReplyOf<N>, BackstayError, RequestOf<N>>({
    mutationFn: (request) => call(name, request, settings),
  });
}

/** Reads everything of these topics again. */
export function refresh(client: QueryClient, topics: Topic[]): Promise<void> {
  const stale = new Set(topics);
  return client.invalidateQueries({
    predicate: (query) => ((query.meta?.topics as Topic[] | undefined) ?? []).some((topic) => stale.has(topic)),
  });
}

/** Reads everything of these topics again, from a component. */
export function useRefresh(): (topics: Topic[]) => Promise<void> {
  const client = useQueryClient();
  return (topics) => refresh(client, topics);
}

/** The store of all replies. The engine tells when something is stale, so nothing is read again on a guess. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 300_000,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
