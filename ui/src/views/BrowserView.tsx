/** What one point in time holds: collections, a table, a record. The live source and bundles are looked into in the same way. */
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import { useCall } from "../api";
import { ExportDialog, safeName } from "../bundles/ExportDialog";
import { moment } from "../i18n/format";
import { Browser } from "../snapshots/Browser";
import { placeOf } from "../snapshots/place";

/** `/snapshots/:vault/:id?c=&r=` */
export default function BrowserView() {
  const { vault = "-", id = "" } = useParams();
  const place = useMemo(() => placeOf(vault, id), [vault, id]);
  const [exporting, setExporting] = useState<string[] | null>(null);
  const show = useCall("snapshot.show", place.ref, { enabled: place.kind === "snapshot" });
  const row = show.data?.snapshot;
  if (place.kind !== "snapshot") {
    return <Browser place={place} />;
  }
  return (
    <>
      <Browser place={place} onExport={setExporting} />
      {row && (
        <ExportDialog
          opened={exporting !== null}
          onClose={() => setExporting(null)}
          at={place.ref}
          only={exporting ?? []}
          subject={`${row.source}, ${moment(row.time)}`}
          name={safeName(`${row.source} ${row.time.slice(0, 10)}`)}
        />
      )}
    </>
  );
}
