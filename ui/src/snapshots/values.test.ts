/** Values of records: exact, sorted into kinds, compared by content. */
import { describe, expect, it } from "vitest";
import { bars, byDay, height } from "./days";
import { markPieces } from "./marks";
import { pageText } from "./pageText";
import { assetPath, placeOf } from "./place";
import { jsonText, kindOf, parseExact, plain, sameValue, titleOf } from "./values";

describe("values", () => {
  it("keep numbers as they were written", () => {
    const data = parseExact('{"big":9007199254740993,"price":1.50,"tiny":1e-400,"a":1,"a":2}') as Record<
      string,
      unknown
    >;
    expect(plain(data.big)).toBe("9007199254740993");
    expect(plain(data.price)).toBe("1.50");
    expect(jsonText(data)).toBe('{"big": 9007199254740993, "price": 1.50, "tiny": 1e-400, "a": 2}');
  });

  it("tell the kinds apart that people see", () => {
    expect(
      ["", null, true, 7, "2026-11-20", "2026-11-20T09:00:00Z", "https://a.example/x", "plain"].map(kindOf),
    ).toEqual(["none", "none", "flag", "number", "date", "time", "link", "text"]);
    expect(kindOf("two\nlines")).toBe("long");
    expect(kindOf("2026-99-99")).toBe("text");
    expect(kindOf(["a", 1, null])).toBe("list");
    expect(kindOf([{ a: 1 }])).toBe("json");
    expect(kindOf({ a: 1 })).toBe("json");
  });

  it("compare by content: order of members and spelling of numbers do not count, one digit does", () => {
    expect(sameValue(parseExact('{"a":1.0,"b":[1]}'), parseExact('{"b":[1],"a":1}'))).toBe(true);
    expect(sameValue(parseExact("9007199254740993"), parseExact("9007199254740992"))).toBe(false);
    expect(sameValue(null, undefined)).toBe(true);
    expect(sameValue("1", 1)).toBe(false);
  });

  it("name a record by what stands out", () => {
    expect(titleOf({ id: 4, Name: "Kai 7" }, "4")).toBe("Kai 7");
    expect(titleOf({ name: "a", title: "b" }, "4")).toBe("b");
    expect(titleOf({ title: "  " }, "4")).toBe("4");
    expect(titleOf([1, 2], "4")).toBe("4");
  });
});

describe("pages", () => {
  it("are Markdown or prose, not values and not structured texts", () => {
    expect(pageText({ notes: "# A plan\n\ntext" })).toEqual({ name: "notes", text: "# A plan\n\ntext" });
    expect(pageText({ address: "Kai 7\nEsbjerg" })).toBeNull();
    expect(pageText({ raw: '{\n"a": "**b**"\n}' })).toBeNull();
    expect(pageText("- one\n- two")).toEqual({ name: "", text: "- one\n- two" });
  });
});

describe("marks", () => {
  it("stand at the whole text, else at its words", () => {
    const hits = (text: string, wanted: string) =>
      markPieces(text, wanted)
        .filter((piece) => piece.hit)
        .map((piece) => piece.text);
    expect(hits("the Port of Esbjerg, port of esbjerg", "port OF esbjerg")).toEqual([
      "Port of Esbjerg",
      "port of esbjerg",
    ]);
    expect(hits("contract with Esbjerg", "esbjerg contract")).toEqual(["contract", "Esbjerg"]);
    expect(hits("İstanbul", "istanbul")).toEqual([]);
    expect(hits("anything", " ")).toEqual([]);
    expect(
      markPieces("a contract", "contract")
        .map((piece) => piece.text)
        .join(""),
    ).toBe("a contract");
  });
});

describe("places and days", () => {
  it("know snapshots, live sources and bundles", () => {
    expect(placeOf("Office NAS", "ab12")).toEqual({
      kind: "snapshot",
      ref: { snapshot: "ab12", vault: "Office NAS" },
      name: "ab12",
    });
    expect(placeOf("-", "live:Team wiki")).toEqual({
      kind: "live",
      ref: { snapshot: "live:Team wiki" },
      name: "Team wiki",
    });
    expect(placeOf("-", "bundle:/a/b.zip").kind).toBe("bundle");
  });

  it("find attachments by hash and extension, as FORMAT.md says", () => {
    const sha256 = "ab".repeat(32);
    expect(assetPath({ name: "Plan.PDF", sha256 })).toBe(`assets/ab/${sha256}.pdf`);
    expect(assetPath({ name: ".hidden", sha256 })).toBe(`assets/ab/${sha256}`);
    expect(assetPath({ name: "a.b c", sha256 })).toBe(`assets/ab/${sha256}`);
    expect(assetPath({ name: "lost.pdf", sha256: null })).toBeNull();
  });

  it("group by day and give each day its bar", () => {
    const row = (time: string, stored: number) => ({
      id: time,
      vault: "v",
      time: new Date(time).toISOString(),
      source: "s",
      host: "h",
      tags: [],
      safety: false,
      stored,
    });
    const rows = [row("2026-11-20T09:00", 100), row("2026-11-20T01:00", 300), row("2026-11-18T09:00", 100)];
    expect(byDay(rows).map((day) => day.rows.length)).toEqual([2, 1]);
    const strip = bars(rows, new Date("2026-11-20T12:00"), 4);
    expect(strip.map((bar) => bar.stored)).toEqual([0, 100, 0, 400]);
    expect(height(strip[0]!, strip)).toBe(0);
    expect(height(strip[3]!, strip)).toBe(1);
    expect(height(strip[1]!, strip)).toBeGreaterThan(0.3);
  });
});
