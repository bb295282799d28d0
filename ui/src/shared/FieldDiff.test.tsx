/** Differences: words, lines, values that are not there, bounded cost. */
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { axeFindings, render } from "../test/render";
import { lineDiff, wordPieces } from "./diff/words";
import { FieldDiff, valueText } from "./FieldDiff";

describe("words", () => {
  it("are marked one by one where most is the same", () => {
    expect(wordPieces("12 Jan 2027", "12 Jan 2028")).toEqual([
      { text: "12 Jan ", side: "both" },
      { text: "2027", side: "before" },
      { text: "2028", side: "after" },
    ]);
  });
  it("that follow each other make one mark", () => {
    expect(
      wordPieces("the plotter goes out on 12 January.", "the plotter goes out, whenever that may be.").filter(
        (piece) => piece.side !== "both",
      ),
    ).toEqual([
      { text: expect.stringMatching(/on 12 January$/), side: "before" },
      { text: expect.stringMatching(/^, whenever that may be$/), side: "after" },
    ]);
  });
  it("give both texts back, however they are cut", () => {
    const [one, other] = ["a b  c d e f g h", "a x  c y e  g h i"];
    const pieces = wordPieces(one, other);
    const side = (name: string) =>
      pieces
        .filter((piece) => piece.side === "both" || piece.side === name)
        .map((piece) => piece.text)
        .join("");
    expect([side("before"), side("after")]).toEqual([one, other]);
  });
  it("are not marked where nearly all differs", () => {
    expect(wordPieces("In progress", "Cancelled")).toEqual([
      { text: "In progress", side: "before" },
      { text: "Cancelled", side: "after" },
    ]);
  });
  it("cost little, however long and different the texts are", () => {
    const noise = (seed: number) =>
      Array.from({ length: 60_000 }, (_, at) => ((at * seed) % 7919).toString(36)).join(" ");
    const start = performance.now();
    wordPieces(noise(31), noise(57));
    lineDiff(noise(31).replaceAll(" ", "\n"), noise(57).replaceAll(" ", "\n"));
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe("lines", () => {
  it("that are the same are folded to one of context", () => {
    const before = ["a", "b", "c", "d", "Load test with 4,000 boats", "z"].join("\n");
    const after = ["a", "b", "c", "d", "Load test with 400 boats", "z"].join("\n");
    expect(lineDiff(before, after)).toEqual([
      { kind: "same", count: 3 },
      { kind: "line", pieces: [{ text: "d", side: "both" }] },
      {
        kind: "line",
        pieces: [
          { text: "Load test with ", side: "both" },
          { text: "4,000", side: "before" },
          { text: "400", side: "after" },
          { text: " boats", side: "both" },
        ],
      },
      { kind: "line", pieces: [{ text: "z", side: "both" }] },
    ]);
  });
});

describe("the difference of a field", () => {
  it("strikes out what is gone and underlines what is new, with words for screen readers", async () => {
    const { container } = render(<FieldDiff before="12 Jan 2027" after="12 Jan 2028" mode="one" />);
    expect(container.querySelector("del")).toHaveTextContent("removed: 2027");
    expect(container.querySelector("ins")).toHaveTextContent("added: 2028");
    expect(await axeFindings()).toEqual([]);
  });
  it("shows each side its own", () => {
    const { container } = render(<FieldDiff before="Marina Nord, Kai 7" after="Kai 7" mode="side" />);
    expect(container.querySelector("[data-diff=before]")).toHaveTextContent("Marina Nord, Kai 7");
    expect(container.querySelector("[data-diff=before] ins")).toBeNull();
    expect(container.querySelector("[data-diff=after]")).toHaveTextContent("Kai 7");
    expect(container.querySelector("[data-diff=after] del")).toBeNull();
  });
  it("shows a long text that is the same on both sides as it is, folding nothing", () => {
    const text = "one\ntwo\nthree\nfour\nfive\nsix";
    const { container } = render(<FieldDiff before={text} after={text} mode="one" />);
    expect(container.querySelector("[data-diff]")?.textContent).toBe(text);
  });

  it("tells no value from an empty one and from null", () => {
    const { container } = render(<FieldDiff before={undefined} after="" mode="side" />);
    expect(screen.getByText("no value")).toBeVisible();
    expect(screen.getByText("empty")).toBeVisible();
    expect(container.textContent).not.toContain("null");
    expect(valueText(null)).toBe("null");
  });
  it("shows values that are no texts", () => {
    expect(valueText(["a", "b"])).toBe("a, b");
    expect(valueText({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(valueText(true)).toBe("yes");
  });
});
