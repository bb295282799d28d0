/** Messages of the engine as sentences. */
import { expect, it } from "vitest";
import { sentence } from "./sentence";

it("stands between other sentences", () => {
  expect(sentence("the vault is not there")).toBe("The vault is not there.");
  expect(sentence("Gone!")).toBe("Gone!");
  expect(sentence("")).toBe("");
});
