/** The small shared components: each state in words, shapes and roles; axe finds nothing. */
import { act, screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { BackstayError, type JobView } from "../api";
import { Fake } from "../platform/fake";
import { axeFindings, NOW, render } from "../test/render";
import { Age } from "./Age";
import { ConfirmDialog } from "./ConfirmDialog";
import { Emblem } from "./Emblem";
import { ErrorNote } from "./ErrorNote";
import { JobProgress, jobShare } from "./JobProgress";
import { jobName } from "./jobName";
import { Empty, ListStates, Loading } from "./ListStates";
import { Note } from "./Note";
import { PageHeader } from "./PageHeader";
import { PasswordField } from "./PasswordField";
import { PathField } from "./PathField";
import { type Status, StatusGlyph, severity, verdictStatus, worst } from "./StatusGlyph";
import { VerdictPill } from "./VerdictPill";

const unreachable = new BackstayError({
  code: "unreachable",
  message: "Office NAS did not answer.",
  hint: "Is the disk attached?",
  causes: ["ECONNREFUSED"],
  retry: true,
});

describe("a state", () => {
  it("has a word and a shape of its own", async () => {
    const { container } = render(severity.map((status: Status) => <VerdictPill key={status} status={status} />));
    const words = ["Held by guard", "Failed", "Overdue", "Partial", "Running", "Paused", "Not yet", "Complete"];
    for (const word of words) {
      expect(screen.getByText(word)).toBeVisible();
    }
    const shapes = new Set([...container.querySelectorAll("svg")].map((svg) => svg.innerHTML));
    expect(shapes.size).toBe(severity.length);
    expect(await axeFindings()).toEqual([]);
  });
  it("counts gaps, and is named where it stands alone", () => {
    render(
      <>
        <VerdictPill status="partial" gaps={13} />
        <StatusGlyph status="failed" label />
      </>,
    );
    expect(screen.getByText(/13 gaps/)).toBeVisible();
    expect(screen.getByRole("img", { name: "Failed" })).toBeVisible();
  });
  it("is the worst of several", () => {
    expect(worst(["complete", "partial", "running"])).toBe("partial");
    expect(worst([])).toBeUndefined();
    expect(verdictStatus("cancelled")).toBe("paused");
    expect(verdictStatus(undefined)).toBe("none");
  });
  it("changes the emblem's rope", () => {
    const shape = (status: Status) =>
      render(<Emblem status={status} />)
        .container.querySelector("path + path")
        ?.getAttribute("d");
    expect(new Set([shape("complete"), shape("failed"), shape("overdue"), shape("running")]).size).toBe(4);
  });
});

describe("an error", () => {
  it("says what happened, what is untouched, what to do, and gives details to copy", async () => {
    const onRetry = vi.fn();
    const { user } = render(<ErrorNote error={unreachable} onRetry={onRetry} />);
    const note = screen.getByRole("alert");
    expect(note).toHaveTextContent("This place did not answer.");
    expect(note).toHaveTextContent("Office NAS did not answer.");
    expect(note).toHaveTextContent("Your backups there are not touched.");
    expect(note).toHaveTextContent("Is the disk attached?");
    await user.click(screen.getByText("Details"));
    expect(screen.getByText("unreachable · ECONNREFUSED")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(onRetry).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "Copy details" }));
    expect(await navigator.clipboard.readText()).toBe(
      "unreachable\nOffice NAS did not answer.\nECONNREFUSED\nIs the disk attached?",
    );
    expect(await axeFindings()).toEqual([]);
  });
});

describe("a list", () => {
  const query = {
    data: undefined as string[] | undefined,
    error: null as BackstayError | null,
    isPending: true,
    refetch: vi.fn(),
  };
  const list = (change: Partial<typeof query>) => (
    <ListStates
      query={{ ...query, ...change }}
      isEmpty={(data) => data.length === 0}
      empty={<Empty title="No backup yet" />}
      what="Opening Office NAS"
    >
      {(data) => <p>{data.join()}</p>}
    </ListStates>
  );
  it("shows nothing for 300 ms, then rows, then what it waits for", async () => {
    vi.useFakeTimers();
    render(<Loading what="Opening Office NAS" />);
    expect(screen.queryByRole("status")).toBeNull();
    await act(() => vi.advanceTimersByTimeAsync(400));
    expect(screen.getByRole("status")).toBeInTheDocument();
    expect(screen.queryByText(/Opening Office NAS · /)).toBeNull();
    await act(() => vi.advanceTimersByTimeAsync(2000));
    expect(screen.getByText("Opening Office NAS · 2 s")).toBeVisible();
  });
  it("shows an error in its place, and above old rows where there are some", () => {
    const { unmount } = render(list({ error: unreachable, isPending: false }));
    expect(screen.getByRole("alert")).toBeVisible();
    unmount();
    render(list({ data: ["Orders"], error: unreachable, isPending: false }));
    expect(screen.getByRole("alert")).toBeVisible();
    expect(screen.getByText("Orders")).toBeVisible();
  });
  it("says when it is empty", async () => {
    render(list({ data: [], isPending: false }));
    expect(screen.getByRole("heading", { name: "No backup yet" })).toBeVisible();
    expect(await axeFindings()).toEqual([]);
  });
});

describe("a job", () => {
  const job: JobView = {
    id: "j",
    command: "backup",
    request: { sources: ["Billing"] },
    state: "running",
    queued: NOW.toISOString(),
    cancelling: false,
    gaps: [],
    gapCount: 0,
    progress: { stage: "reading", current: "invoices", items: 940, itemsTotal: 2180, bytes: 0, bytesTotal: null },
    bytesPerSecond: 8.4e6,
    secondsLeft: 125,
  };
  it("shows stage, count, rate, time left and can be cancelled", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    fake.jobs.put({ ...job, id: "job-1" });
    const { user } = render(<JobProgress job={fake.jobs.get("job-1")} />, { fake });
    const part = screen.getByRole("region", { name: "Backing up: Billing" });
    for (const words of ["Reading", "940 of 2,180", "8.4 MB/s", "2 min 5 s left", "43 %"]) {
      expect(within(part).getByText(words)).toBeVisible();
    }
    expect(within(part).getByRole("progressbar")).toHaveAttribute("aria-valuenow", expect.stringMatching(/^43/));
    expect(await axeFindings()).toEqual([]);
    await user.click(within(part).getByRole("button", { name: "Cancel…" }));
    const dialog = await screen.findByRole("dialog", { name: "Cancel Billing?" });
    expect(dialog).toHaveTextContent("No snapshot is made.");
    expect(fake.requests("job.cancel")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Cancel this backup" }));
    await waitFor(() => expect(fake.requests("job.cancel")).toEqual([{ job: "job-1" }]));
  });
  it("counts without a bar while its length is unknown", () => {
    render(<JobProgress job={{ ...job, progress: { ...job.progress!, itemsTotal: null } }} />);
    expect(screen.getByText("940 items")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
    expect(jobShare({ ...job, state: "waiting" })).toBeUndefined();
  });
  it("that gives nothing up is cancelled at once", async () => {
    const fake = new Fake({ now: NOW, tick: 0 });
    fake.jobs.put({ ...job, id: "job-1", command: "vault.verify" });
    const { user } = render(<JobProgress job={fake.jobs.get("job-1")} />, { fake });
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(fake.requests("job.cancel")).toEqual([{ job: "job-1" }]));
  });
  it("says what it waits for", () => {
    render(<JobProgress job={{ ...job, state: "waiting", waitingFor: "pause", progress: null }} />);
    expect(screen.getByText("Waits until the pause ends")).toBeVisible();
    expect(
      jobName({ ...job, command: "bundle.export", request: { to: "/tmp/x.zip" } }, ((key: string) => key) as never),
    ).toBe("common:job.subject");
  });
});

describe("ages", () => {
  it("give the exact time on focus", async () => {
    const { user } = render(<Age time={new Date(Date.now() - 41 * 60_000)} focusable />);
    expect(screen.getByText("41 min ago")).toBeVisible();
    await user.tab();
    expect(await screen.findByText(/^\w+day \d+ \w+ \d{4}, \d\d:\d\d:\d\d$/)).toBeInTheDocument();
  });
});

function Path() {
  const [path, setPath] = useState("/home/mara");
  return <PathField label="Folder" choose="folder" value={path} onChange={setPath} />;
}

function Both() {
  const [one, setOne] = useState("");
  const [two, setTwo] = useState("");
  return <PasswordField value={one} onChange={setOne} repeat={two} onRepeat={setTwo} />;
}

describe("fields", () => {
  it("take a path that is typed or chosen, and stay usable without dialogs", async () => {
    const { user, fake } = render(<Path />);
    const field = screen.getByLabelText("Folder");
    await user.click(screen.getByRole("button", { name: "Choose…" }));
    await waitFor(() => expect(field).toHaveValue("/home/mara/Chosen"));
    fake.answers["shell.pickFolder"] = null;
    await user.click(screen.getByRole("button", { name: "Choose…" }));
    expect(field).toHaveValue("/home/mara/Chosen");
    fake.shell = () => Promise.reject(new Error("no dialogs here"));
    await user.click(screen.getByRole("button", { name: "Choose…" }));
    await user.clear(field);
    await user.type(field, "/srv");
    expect(field).toHaveValue("/srv");
    expect(await axeFindings()).toEqual([]);
  });
  it("say how hard a password is to guess and whether both are the same", async () => {
    const { user } = render(<Both />);
    await user.type(screen.getByLabelText("Password"), "password");
    expect(await screen.findByText("Strength: far too easy to guess", {}, { timeout: 5000 })).toBeVisible();
    await user.clear(screen.getByLabelText("Password"));
    await user.type(screen.getByLabelText("Password"), "winch-tide-lantern-oak-71");
    expect(await screen.findByText("Strength: very good", {}, { timeout: 5000 })).toBeVisible();
    await user.type(screen.getByLabelText("Type it once more"), "winch");
    expect(screen.getByText("The two are not the same.")).toBeVisible();
    expect(screen.getByLabelText("Password")).toHaveAttribute("type", "password");
    await user.click(screen.getAllByRole("button", { name: "Show" })[0]!);
    expect(screen.getByLabelText("Password")).toHaveAttribute("type", "text");
    expect(await axeFindings()).toEqual([]);
  });
});

describe("a question", () => {
  it("has the safe button in focus, wants the name typed, and shows what went wrong", async () => {
    const onConfirm = vi.fn().mockRejectedValueOnce(unreachable).mockResolvedValueOnce(undefined);
    const onClose = vi.fn();
    const { user } = render(
      <ConfirmDialog
        opened
        title="Remove Billing?"
        confirmLabel="Remove Billing"
        typed="Billing"
        onConfirm={onConfirm}
        onClose={onClose}
      >
        Its backups stay.
      </ConfirmDialog>,
    );
    const dialog = await screen.findByRole("dialog", { name: "Remove Billing?" });
    const yes = within(dialog).getByRole("button", { name: "Remove Billing" });
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Cancel" })).toHaveFocus());
    expect(yes).toBeDisabled();
    await user.type(within(dialog).getByLabelText("Type Billing to confirm"), "Billing");
    await user.click(yes);
    expect(await within(dialog).findByText("Office NAS did not answer.")).toBeVisible();
    expect(onClose).not.toHaveBeenCalled();
    await user.click(yes);
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(await axeFindings()).toEqual([]);
  });
});

describe("notes and heads", () => {
  it("name their state, and the window", async () => {
    const { fake } = render(
      <>
        <PageHeader
          title="Team wiki"
          crumbs={[{ label: "Sources", to: "/sources" }]}
          state={<VerdictPill status="partial" gaps={1} />}
          line="Folder"
        />
        <Note status="partial" title="Saved, with 1 gap">
          One file is missing.
        </Note>
        <Note>Backups never need it.</Note>
      </>,
    );
    expect(screen.getByRole("heading", { level: 1, name: "Team wiki" })).toBeVisible();
    expect(screen.getByRole("link", { name: "Sources" })).toHaveAttribute("href", "/sources");
    expect(fake.title).toBe("Team wiki · Backstay");
    expect(within(screen.getAllByRole("note")[0]!).getByRole("img", { name: "Partial" })).toBeVisible();
    expect(await axeFindings()).toEqual([]);
  });
});
