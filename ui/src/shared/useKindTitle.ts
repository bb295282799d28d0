/** What a kind of source is called, as its connector says. */
import { useCall } from "../api";

/** Gives the title of a kind; the kind itself while, or if, nothing better is known. */
export function useKindTitle(): (kind: string) => string {
  const { data } = useCall("connector.list", {}, { silent: true });
  return (kind) => data?.connectors.find((connector) => connector.kind === kind)?.title ?? kind;
}
