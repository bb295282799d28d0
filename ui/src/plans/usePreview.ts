/** What a timetable means, asked of the engine once typing stops. */
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect } from "react";
import { type Timetable, useCall } from "../api";
import { useNow } from "../shared/useNow";
import { freshSpec } from "./defaults";
import { draftProblem } from "./draft";

/** The next runs of a timetable, and what is wrong with it. Nothing is asked while it is plainly wrong. */
export function usePreview(timetable: Timetable, count = 10) {
  const [settled] = useDebouncedValue(timetable, 250);
  const plain = draftProblem({ sources: ["–"], vaults: [], spec: { ...freshSpec(), timetable: settled } });
  const asks = settled.schedule !== "manual" && plain === undefined;
  const query = useCall("plan.preview", { timetable: settled, count }, { silent: true, keep: true, enabled: asks });
  const now = useNow();
  const [first] = query.data?.next ?? [];
  const past = asks && first !== undefined && new Date(first) <= now;
  const { refetch } = query;
  useEffect(() => {
    if (past) {
      void refetch();
    }
  }, [past, refetch]);
  const fresh = settled === timetable && !query.isPlaceholderData;
  return {
    query,
    reply: asks ? query.data : undefined,
    /** In the engine's words; only about what is shown now. */
    error: asks && settled === timetable ? query.error : null,
    fresh,
  };
}
