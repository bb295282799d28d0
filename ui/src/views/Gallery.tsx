/** Every shared component in its states, to look at. Only in builds with the fake Backstay, at `/gallery`. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { BackstayError, useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { Age } from "../shared/Age";
import { BigTable, noTicks, type Ticks } from "../shared/BigTable";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { Emblem } from "../shared/Emblem";
import { ErrorNote } from "../shared/ErrorNote";
import { FieldDiff } from "../shared/FieldDiff";
import { JobProgress } from "../shared/JobProgress";
import { Empty, Loading } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { PasswordField } from "../shared/PasswordField";
import { PathField } from "../shared/PathField";
import { type Status, StatusGlyph, severity } from "../shared/StatusGlyph";
import { dayMarks, StayLine, stayByDay } from "../shared/StayLine";
import { VerdictPill } from "../shared/VerdictPill";

const columns = [
  {
    id: "name",
    header: "Name",
    width: 220,
    grow: true,
    sortable: true,
    cell: (row: { id: string }) => `Havn Vest, row ${row.id}`,
  },
  { id: "id", header: "Id", width: 140, cell: (row: { id: string }) => <code>{row.id}</code> },
  {
    id: "sum",
    header: "Sum",
    width: 110,
    align: "right" as const,
    cell: (row: { id: string }) => `${Number(row.id) % 4402}.00`,
  },
];

async function rows(offset: number, limit: number) {
  await new Promise((resolve) => setTimeout(resolve, 40));
  return Array.from({ length: limit }, (_, at) => ({ id: String(offset + at + 1) }));
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section style={{ display: "flex", flexDirection: "column", gap: "0.5rem" }}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const error = new BackstayError({
  code: "unreachable",
  message: "Office NAS did not answer: connection refused on port 22.",
  hint: "Is the disk attached and the network up?",
  causes: ["ECONNREFUSED"],
  retry: true,
});

function States() {
  return (
    <>
      <Part title="States">
        <div style={{ display: "flex", gap: "0.5rem", flexWrap: "wrap" }}>
          {severity.map((status: Status) => (
            <VerdictPill key={status} status={status} gaps={status === "partial" ? 13 : 0} />
          ))}
        </div>
        <div style={{ display: "flex", gap: "1rem" }}>
          {severity.map((status: Status) => (
            <Emblem key={status} status={status} />
          ))}
          <StatusGlyph status="complete" size={40} />
        </div>
      </Part>
      <Part title="Notes">
        <Note status="partial" title="Saved, with 13 gaps" actions={<a href="#/">See the gaps</a>}>
          12 files and 1 database are missing from the 09:00 backup.
        </Note>
        <Note>Backups never need write access.</Note>
        <div className="card">
          <ErrorNote error={error} onRetry={() => {}} />
        </div>
        <div className="card">
          <Loading rows={3} what="Opening Office NAS" />
        </div>
        <div className="card">
          <Empty title="No backup of Product ops yet" action={<Button variant="filled">Back up now</Button>}>
            The first one takes about 4 minutes.
          </Empty>
        </div>
      </Part>
    </>
  );
}

function Fields() {
  const [path, setPath] = useState("/home/mara/Wiki");
  const [password, setPassword] = useState("tide tables");
  const [repeat, setRepeat] = useState("tide");
  const [mode, setMode] = useState<"side" | "one">("side");
  const before =
    "Everything that has to be true before the\nchart plotter goes out on 12 January.\nOne.\nTwo.\nThree.\nLoad test with 4,000 boats\nPrice list agreed";
  const after =
    "Everything that has to be true before the\nchart plotter goes out, whenever that may be.\nOne.\nTwo.\nThree.\nLoad test with 400 boats";
  return (
    <>
      <Part title="Fields">
        <PathField label="Folder" choose="any" value={path} onChange={setPath} />
        <PasswordField value={password} onChange={setPassword} repeat={repeat} onRepeat={setRepeat} />
        <TextInput label="With an error" error="This name is taken." defaultValue="Orders" />
      </Part>
      <Part title="Differences">
        <SegmentedControl
          value={mode}
          onChange={(value) => setMode(value as "side")}
          data={[
            { value: "side", label: "Side by side" },
            { value: "one", label: "In one" },
          ]}
          w="16rem"
        />
        <FieldDiff before="12 Jan 2027" after="12 Jan 2028" mode={mode} />
        <FieldDiff before="In progress" after="Cancelled" mode={mode} />
        <FieldDiff before={before} after={after} mode={mode} />
      </Part>
    </>
  );
}

/** All of it on one page. */
export default function Gallery() {
  const { t } = useTranslation();
  const [ticks, setTicks] = useState<Ticks>(noTicks);
  const [asked, setAsked] = useState(false);
  const overview = useCall("overview", {});
  const jobs = useJobs();
  const now = new Date();
  return (
    <Page>
      <PageHeader
        title="Gallery"
        crumbs={[{ label: "Team wiki", to: "/" }]}
        state={<VerdictPill status="complete" />}
        line={<Age time={now} focusable />}
        actions={<Button onClick={() => setAsked(true)}>Ask…</Button>}
      />
      <Part title="Stays">
        <div className="card">
          {(overview.data?.sources ?? []).map((source) => (
            <div
              key={source.source.id}
              style={{ display: "flex", borderBottom: "1px solid var(--bs-line)", paddingLeft: "0.75rem" }}
            >
              <span style={{ width: "8rem", alignSelf: "center" }}>{source.source.name}</span>
              <div style={{ flex: 1 }}>
                <StayLine label={source.source.name} points={stayByDay(source.points, { now }, t)} />
              </div>
            </div>
          ))}
        </div>
        <StayLine
          label="With marks"
          points={stayByDay(overview.data?.sources[5]?.points ?? [], { now }, t)}
          marks={dayMarks({ now }, t)}
        />
      </Part>
      <Part title="A million rows">
        <div className="card" style={{ height: "22rem", display: "flex" }}>
          <BigTable
            label="Orders"
            total={1_000_000}
            columns={columns}
            rows={rows}
            source="gallery"
            rowId={(row) => row.id}
            ticks={ticks}
            onTicks={setTicks}
            sort={{ column: "name", descending: false }}
            onSort={() => {}}
          />
        </div>
      </Part>
      {jobs.map((job) => (
        <JobProgress key={job.id} job={job} />
      ))}
      <States />
      <Fields />
      <ConfirmDialog
        opened={asked}
        title="Remove Billing?"
        confirmLabel="Remove Billing"
        typed="Billing"
        onConfirm={() => {}}
        onClose={() => setAsked(false)}
      >
        Its backups stay in the vaults.
      </ConfirmDialog>
    </Page>
  );
}
