/** Reads one record at three moments, and all its versions. */
import { type BackstayError, type Field, type HistoryVersion, type SnapshotRef, useCall } from "../api";
import { type Members, membersOf } from "./choices";
import type { Side } from "./sides";

/** The record at one moment. */
export interface AtMoment {
  /** `undefined` while it is read or when it cannot be; `null` when it was not there. */
  members: Members | undefined;
  error: BackstayError | null;
  pending: boolean;
  retry: () => void;
}

function useAt(at: SnapshotRef | undefined, collection: string, id: string): AtMoment {
  const ref = at ?? { snapshot: "" };
  const { data, error, isPending, refetch } = useCall(
    "record.get",
    { at: ref, collection, id },
    { enabled: at !== undefined, silent: true, topics: [] },
  );
  const gone = error?.code === "notFound";
  return {
    members: gone ? null : data && membersOf(data.record.data),
    error: gone ? null : error,
    pending: at !== undefined && isPending,
    retry: () => void refetch(),
  };
}

/** Everything the page needs to know. */
export interface RecordMoments {
  versions: HistoryVersion[];
  history: ReturnType<typeof useCall<"record.history">>;
  past: AtMoment;
  newest: AtMoment;
  live: AtMoment;
  fields: Field[];
}

/** See {@link RecordMoments}. */
export function useRecordMoments(
  source: string,
  collection: string,
  id: string,
  sides: { past: Side | undefined; newest: Side | undefined },
): RecordMoments {
  const history = useCall("record.history", { source, collection, id }, { enabled: source !== "" });
  const { past: then, newest } = sides;
  const show = useCall("snapshot.show", newest?.ref ?? { snapshot: "" }, {
    enabled: newest !== undefined,
    silent: true,
  });
  const live = useAt({ snapshot: `live:${source}` }, collection, id);
  return {
    versions: history.data?.versions ?? [],
    history,
    past: useAt(then?.ref, collection, id),
    newest: useAt(newest?.ref, collection, id),
    live,
    fields: show.data?.collections.find((one) => one.name === collection)?.schema.fields ?? [],
  };
}
