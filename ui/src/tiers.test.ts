/** Which folder may import which; where Tauri may be known. Texts: `i18n/catalogue.test.ts`. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = dirname(fileURLToPath(import.meta.url));
const domains = [
  "overview",
  "sources",
  "plans",
  "vaults",
  "snapshots",
  "compare",
  "restore",
  "bundles",
  "activity",
  "settings",
  "welcome",
  "figures",
  "conflicts",
  "replication",
];
const base = ["api", "platform", "i18n", "theme"];
const allowed: Record<string, string[]> = {
  api: ["platform"],
  platform: ["api", "theme"],
  i18n: [],
  theme: ["api"],
  shared: base,
  ...Object.fromEntries(domains.map((domain) => [domain, [...base, "shared"]])),
  views: [...base, "shared", ...domains],
  shell: [...base, "shared", "views", ...domains],
};
/** Domain folders that agreed to use parts of another one. */
const agreed: Record<string, string[]> = {};

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const code = files(src).filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path));

function imports(path: string): string[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

describe("the tiers", () => {
  it("are imported one way only", () => {
    const wrong: string[] = [];
    for (const path of code) {
      const [folder = ""] = relative(src, path).split("/");
      const may = allowed[folder];
      if (!may) {
        continue;
      }
      for (const target of imports(path).filter((name) => name.startsWith("."))) {
        const [other = ""] = relative(src, resolve(dirname(path), target)).split("/");
        if (other !== folder && !may.includes(other) && !(agreed[folder] ?? []).includes(other)) {
          wrong.push(`${relative(src, path)} may not import ${other}/`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("know Tauri in one file only", () => {
    const knowing = code.filter((path) => imports(path).some((name) => name.startsWith("@tauri-apps/")));
    expect(knowing.map((path) => relative(src, path))).toEqual(["platform/tauri.ts"]);
  });

  it("keep files within 600 lines", () => {
    const long = code.filter(
      (path) => !path.endsWith("generated.ts") && readFileSync(path, "utf8").split("\n").length > 600,
    );
    expect(long.map((path) => relative(src, path))).toEqual([]);
  });

  it("say why each file exists", () => {
    const silent = code.filter(
      (path) => !path.endsWith("generated.ts") && !readFileSync(path, "utf8").startsWith("/**"),
    );
    expect(silent.map((path) => relative(src, path))).toEqual([]);
  });
});
