/** Which runs are shown. The choice is in the address, so that Back keeps it and others can lead here. */
import { useSearchParams } from "react-router";
import type { RunKind, Verdict } from "../api";
import { runKinds, verdicts } from "./words";

/** What a person chose; absent members let everything pass. */
export interface RunChoice {
  kind: RunKind | null;
  verdict: Verdict | null;
  source: string | null;
  plan: string | null;
  text: string;
}

/** The choice and how to change it. */
export function useRunFilter(): [RunChoice, (change: Partial<RunChoice>) => void] {
  const [query, setQuery] = useSearchParams();
  const choice: RunChoice = {
    kind: runKinds.find((kind) => kind === query.get("kind")) ?? null,
    verdict: verdicts.find((verdict) => verdict === query.get("state")) ?? null,
    source: query.get("source"),
    plan: query.get("plan"),
    text: query.get("q") ?? "",
  };
  const change = (part: Partial<RunChoice>) => {
    const next = { ...choice, ...part };
    const values = { kind: next.kind, state: next.verdict, source: next.source, plan: next.plan, q: next.text };
    const given = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]));
    setQuery(given, { replace: true });
  };
  return [choice, change];
}
