/** The texts: both languages say the same things with the same values, everything the code asks for is there, and nothing else. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, "..");
const plural = /_(zero|one|two|few|many|other)$/;

function flat(texts: object, before: string): [string, unknown][] {
  return Object.entries(texts).flatMap(([name, value]): [string, unknown][] =>
    typeof value === "object" && value !== null ? flat(value, `${before}${name}.`) : [[`${before}${name}`, value]],
  );
}

function catalogue(language: string): Map<string, unknown> {
  const folder = join(here, language);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return new Map(
    files.flatMap((name) =>
      flat(JSON.parse(readFileSync(join(folder, name), "utf8")), `${name.replace(".json", "")}:`),
    ),
  );
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const en = catalogue("en");
const de = catalogue("de");
const spaces = [...new Set([...en.keys()].map((key) => key.split(":")[0] ?? ""))];
/** Keys as the code writes them: without the endings of plurals. */
const askable = new Set([...en.keys()].map((key) => key.replace(plural, "")));

/** What the code asks for: whole keys, and patterns where a part of the key is computed. */
interface Asked {
  whole: Map<string, string>;
  patterns: Map<string, string>;
}

function asked(): Asked {
  const whole = new Map<string, string>();
  const patterns = new Map<string, string>();
  const code = files(src).filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path));
  const literal = new RegExp(
    `["'\`]((?:${spaces.join("|")}):(?:[\\w.-]|\\$\\{(?:[^{}]|\\{[^{}]*\\})*\\})*)["'\`]`,
    "g",
  );
  for (const path of code) {
    const text = readFileSync(path, "utf8");
    for (const [, key = ""] of text.matchAll(literal)) {
      (key.includes("${") ? patterns : whole).set(key, relative(src, path));
    }
  }
  return { whole, patterns };
}

const found = asked();

function matcher(pattern: string): RegExp {
  const parts = pattern.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map((part) => part.replace(/[.]/g, "\\."));
  return new RegExp(`^${parts.join("[\\w.-]*")}$`);
}

/** The values a text takes, in no order: languages put them where they need them. "One" may be a word instead of a number. */
function placeholders(text: unknown, key: string): string[] {
  const names = [
    ...new Set([...String(text).matchAll(/\{\{\s*([\w.]+)[^}]*\}\}/g)].map(([, name = ""]) => name)),
  ].sort();
  return key.endsWith("_one") ? names.filter((name) => name !== "n") : names;
}

describe("the catalogues", () => {
  it("have the same keys", () => {
    expect([...de.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it("hold texts, and no empty ones", () => {
    const empty = [...en, ...de].filter(([, text]) => typeof text !== "string" || text.trim() === "");
    expect(empty.map(([key]) => key)).toEqual([]);
  });

  it("take the same values", () => {
    const different = [...en]
      .map(([key, text]) => `${key}: ${placeholders(text, key)} / ${placeholders(de.get(key), key)}`)
      .filter((line) => !/: (.*) \/ \1$/.test(line));
    expect(different).toEqual([]);
  });

  it("have both forms of every plural", () => {
    const lonely = [...en.keys()].filter(
      (key) =>
        key.endsWith("_one") !== key.endsWith("_other") &&
        !en.has(key.replace(plural, key.endsWith("_one") ? "_other" : "_one")),
    );
    expect(lonely).toEqual([]);
  });
});

describe("the code", () => {
  it("asks for texts that are there", () => {
    const missing = [...found.whole].filter(([key]) => !askable.has(key)).map(([key, path]) => `${path}: ${key}`);
    const keys = [...askable];
    const hollow = [...found.patterns]
      .filter(([pattern]) => !keys.some((key) => matcher(pattern).test(key)))
      .map(([pattern, path]) => `${path}: ${pattern}`);
    expect([...missing, ...hollow]).toEqual([]);
  });

  it("uses every text", () => {
    const patterns = [...found.patterns.keys()].map(matcher);
    const unused = [...askable].filter((key) => !found.whole.has(key) && !patterns.some((one) => one.test(key)));
    expect(unused).toEqual([]);
  });
});
