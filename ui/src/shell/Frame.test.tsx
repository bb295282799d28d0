/** The frame: where one can go, what it says, keyboard, lock, drop. */
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { axeFindings, renderApp } from "../test/render";

describe("the side bar", () => {
  it("names the places and the sources with their states", async () => {
    renderApp();
    const bar = await screen.findByRole("navigation", { name: "Main" });
    const wiki = await within(bar).findByRole("link", { name: /Team wiki/ });
    expect(within(wiki).getByRole("img", { name: "Partial" })).toBeVisible();
    expect(within(bar).getByRole("link", { name: /Overview/ })).toHaveAttribute("aria-current", "page");
    expect(within(bar).getByText("2 sources need you")).toBeInTheDocument();
    await waitFor(async () => expect(await axeFindings()).toEqual([]));
  });
});
