/** What one point in time holds: collections, a table, a record. The live source and bundles are looked into in the same way. */
import { useMemo } from "react";
import { useParams } from "react-router";
import { Browser } from "../snapshots/Browser";
import { placeOf } from "../snapshots/place";

/** `/snapshots/:vault/:id?c=&r=` */
export default function BrowserView() {
  const { vault = "-", id = "" } = useParams();
  const place = useMemo(() => placeOf(vault, id), [vault, id]);
  return <Browser place={place} />;
}
