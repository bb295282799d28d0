/** A file shown in the file manager, or the reason why not. */
import { screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Fake } from "../platform/fake";
import { axeFindings, NOW, render } from "../test/render";
import { RevealButton } from "./RevealButton";

it("shows the file, and says so where that cannot be done", async () => {
  const fake = new Fake({ now: NOW, tick: 0 });
  const refused = { code: "unsupported", message: "There is no file manager.", retry: false };
  const shell = vi.spyOn(fake, "shell").mockRejectedValueOnce(refused);
  const { user } = render(<RevealButton path="/home/mara/saved" />, { fake });
  const button = screen.getByRole("button", { name: "Show in the file manager" });
  await user.click(button);
  expect(await screen.findByText(/There is no file manager\./)).toBeVisible();
  expect(await axeFindings()).toEqual([]);
  await user.click(button);
  await waitFor(() => expect(screen.queryByText(/There is no file manager\./)).toBeNull());
  expect(shell).toHaveBeenLastCalledWith("shell.reveal", { path: "/home/mara/saved" });
});
