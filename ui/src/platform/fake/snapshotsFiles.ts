/** Files in the snapshots of the fake: a small tree for every source, with one folder of 9,000 entries. */
import type { FolderEntry, PreviewReply } from "../../api/generated";
import { notFound } from "./errors";
import type { State } from "./snapshotsData";

const DAY = 86_400_000;
const readme = `# Read me first

The plan of this wiki, **kept short**.

| where | what |
|---|---|
| Roadmap | what comes |
| Meetings | what was said |

- [x] one page for each meeting
- [ ] names of files without odd characters: see \`naming.txt\`
`;

/** Pixels drawn with two colours, as an image a window can show. */
const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="#23507f"/><stop offset=".7" stop-color="#7fb0bf"/><stop offset="1" stop-color="#e9dab3"/></linearGradient></defs><rect width="640" height="300" fill="url(#g)"/></svg>';

function file(path: string, size: number, age: number, now: Date): FolderEntry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { path, name, kind: "file", size, modified: new Date(now.getTime() - age * DAY).toISOString() };
}

function folder(path: string, now: Date): FolderEntry {
  return { ...file(path, 0, 3, now), kind: "directory" };
}

/** Everything that lies directly in a folder. */
export function entriesOf(state: State, path: string, now: Date): FolderEntry[] {
  if (state.source.row.kind === "couchdb") {
    return [];
  }
  if (state.source.row.kind === "sqlite") {
    const name =
      String((state.source.row.options as { path: string }).path)
        .split("/")
        .pop() ?? "data.db";
    return path === "" ? [file(name, state.source.bytes, 0, now)] : [];
  }
  switch (path) {
    case "":
      return [
        folder("Hiring", now),
        folder("Meetings", now),
        folder("Roadmap", now),
        file("cover.svg", picture.length, 40, now),
        file("naming.txt", 812, 300, now),
        file("readme.md", readme.length, 12, now),
        file("tide-data.bin", 48_211_004, 90, now),
        { ...file("current", 0, 2, now), kind: { symlink: "Roadmap/2027" } },
      ];
    case "Meetings":
      return Array.from({ length: 9000 }, (_, index) =>
        file(`Meetings/meeting-${String(index + 1).padStart(4, "0")}.md`, 900 + index, index % 400, now),
      );
    case "Roadmap":
      return [
        folder("Roadmap/2027", now),
        file(
          "Roadmap/A plan with a name that is much longer than any column of a table will ever be, second draft.md",
          4100,
          2,
          now,
        ),
        file("Roadmap/q1.md", readme.length, 1, now),
      ];
    case "Hiring":
      return Array.from({ length: 12 }, (_, index) => file(`Hiring/interview-${index + 14}.pdf`, 210_000, 30, now));
    default:
      return [];
  }
}

/** The beginning of a file. */
export function previewOf(state: State, path: string, now: Date): PreviewReply {
  const plain = path.replace(/^files\//, "");
  if (path.startsWith("assets/") && plain.endsWith(".json")) {
    const text = '{\n  "sensors": [\n    { "at": "berth 1", "depth": 4.2 }\n  ]\n}\n';
    return { kind: "text", mediaType: "application/json", size: text.length, text, truncated: false };
  }
  if (path.startsWith("assets/") || plain.endsWith(".svg")) {
    return {
      kind: "image",
      mediaType: "image/svg+xml",
      size: picture.length,
      base64: btoa(picture),
      truncated: false,
    };
  }
  const parent = plain.includes("/") ? plain.slice(0, plain.lastIndexOf("/")) : "";
  const entry = entriesOf(state, parent, now).find((one) => one.path === plain);
  if (!entry) {
    throw notFound("file", path);
  }
  if (/\.(md|txt)$/.test(plain)) {
    const text = plain.endsWith(".md") ? readme : "Names without odd characters.\nNo spaces at the end.\n";
    return {
      kind: "text",
      mediaType: plain.endsWith(".md") ? "text/markdown" : "text/plain",
      size: entry.size,
      text,
      truncated: false,
    };
  }
  return { kind: "binary", mediaType: "application/octet-stream", size: entry.size, truncated: false };
}
