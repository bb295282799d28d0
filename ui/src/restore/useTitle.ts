/** What people call the record a step is about. It is read when the row has stood still for a moment. */
import { useEffect, useState } from "react";
import { type PlanStep, type SnapshotRef, useCall } from "../api";
import { titleOf } from "./stepWords";

const REST = 150;

/** The record's title, or its id until it is known; the name of a file. */
export function useTitle(at: SnapshotRef | null, step: PlanStep): string {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), REST);
    return () => clearTimeout(timer);
  }, []);
  const record = "record" in step.subject ? step.subject.record : null;
  const request = { at: at ?? { snapshot: "" }, collection: record?.collection ?? "", id: record?.id ?? "" };
  const known = record !== null && record.id !== "*";
  const found = useCall("record.get", request, { enabled: rested && known && at !== null, silent: true });
  if ("file" in step.subject) {
    return step.subject.file.path.split("/").pop() ?? step.subject.file.path;
  }
  return known ? (titleOf(found.data?.record.data) ?? request.id) : request.collection;
}
