/** What lies at the place chosen for a vault, looked up when typing stops. */
import { useDebouncedValue } from "@mantine/hooks";
import { type InspectReply, useCall } from "../api";

/** What is known about the path; `undefined` while it is looked up or cannot be. */
export function usePlace(path: string): InspectReply | undefined {
  const [settled] = useDebouncedValue(path.trim(), 400);
  const remote = /^[a-z][a-z0-9+.-]{1,}:/i.test(settled);
  const query = useCall(
    "path.inspect",
    { path: settled },
    { enabled: settled !== "" && !remote && settled === path.trim(), silent: true, topics: [] },
  );
  return settled === path.trim() ? query.data : undefined;
}
