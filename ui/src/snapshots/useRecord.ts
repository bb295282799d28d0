/** One record with its exact values: what `record.get` knows about it, and the values of its text. */
import { useMemo } from "react";
import { type BackstayError, type SavedRecord, type SnapshotRef, useCall } from "../api";
import { parseExact } from "./values";

/** A record as it is read. */
export interface ReadRecord {
  record: SavedRecord | undefined;
  /** Values, numbers exact. */
  data: unknown;
  /** The text, byte for byte. */
  text: string | undefined;
  error: BackstayError | null;
  pending: boolean;
  retry: () => void;
}

/** Reads a record. It is gone when `error.code` is `notFound`. */
export function useRecord(at: SnapshotRef, collection: string, id: string, enabled = true): ReadRecord {
  const request = { at, collection, id };
  const record = useCall("record.get", request, { enabled, silent: true });
  const text = useCall("record.text", request, { enabled, silent: true });
  const data = useMemo(() => {
    if (text.data) {
      try {
        return parseExact(text.data.text);
      } catch {
        // A text that is no JSON is shown as the engine understood it.
      }
    }
    return record.data?.record.data;
  }, [text.data, record.data]);
  return {
    record: record.data?.record,
    data,
    text: text.data?.text,
    error: record.error,
    pending: record.isPending || text.isPending,
    retry: () => {
      void record.refetch();
      void text.refetch();
    },
  };
}
