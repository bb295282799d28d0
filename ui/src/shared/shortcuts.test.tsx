/** Shortcuts: where they work, where they must not, and that the last one registered wins. */
import { screen } from "@testing-library/react";
import { useEffect } from "react";
import { describe, expect, it, vi } from "vitest";
import { render } from "../test/render";
import { setAppearance } from "../theme/appearance";
import { press, useShortcut, useShortcuts } from "./shortcuts";

function Keys({ run, undo, slash }: { run: () => void; undo: () => void; slash: () => void }) {
  useShortcut("B", "Back up", run, { group: "letters" });
  useShortcut("/", "Filter", slash);
  useShortcut("Ctrl Z", "Undo", undo, { group: "global", outsideText: true });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => void press(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <ul>
        <li>
          <button type="button">Row</button>
        </li>
      </ul>
      <button type="button">Outside</button>
      <input aria-label="Text" />
      <output>{useShortcuts().map((shortcut) => `${shortcut.keys} `)}</output>
    </>
  );
}

const spies = () => ({ run: vi.fn(), undo: vi.fn(), slash: vi.fn() });

describe("single letters", () => {
  it("work only while a list has the focus", async () => {
    const keys = spies();
    const { user } = render(<Keys {...keys} />);
    screen.getByRole("button", { name: "Outside" }).focus();
    await user.keyboard("b");
    expect(keys.run).not.toHaveBeenCalled();
    screen.getByRole("button", { name: "Row" }).focus();
    await user.keyboard("b");
    expect(keys.run).toHaveBeenCalledOnce();
    await user.keyboard("{Control>}b{/Control}{Shift>}b{/Shift}");
    expect(keys.run).toHaveBeenCalledOnce();
  });

  it("can be switched off", async () => {
    const keys = spies();
    setAppearance({ singleKeys: false });
    const { user } = render(<Keys {...keys} />);
    screen.getByRole("button", { name: "Row" }).focus();
    await user.keyboard("b");
    expect(keys.run).not.toHaveBeenCalled();
  });
});

describe("text fields", () => {
  it("keep what is typed into them, and their own undo", async () => {
    const keys = spies();
    const { user } = render(<Keys {...keys} />);
    await user.type(screen.getByLabelText("Text"), "a/b");
    await user.keyboard("{Control>}z{/Control}");
    expect(screen.getByLabelText("Text")).toHaveValue("a/b");
    expect(keys.slash).not.toHaveBeenCalled();
    expect(keys.undo).not.toHaveBeenCalled();
    screen.getByRole("button", { name: "Outside" }).focus();
    await user.keyboard("/{Control>}z{/Control}");
    expect(keys.slash).toHaveBeenCalledOnce();
    expect(keys.undo).toHaveBeenCalledOnce();
  });
});

function Two({ first, second }: { first: () => void; second: () => void }) {
  useShortcut("R", "One", first, { group: "page" });
  useShortcut("R", "Other", second, { group: "page" });
  return null;
}

describe("two of the same keys", () => {
  it("do what was registered last", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    render(<Two first={first} second={second} />);
    expect(press(new KeyboardEvent("keydown", { key: "r" }))).toBe(true);
    expect(second).toHaveBeenCalledOnce();
    expect(first).not.toHaveBeenCalled();
  });
});
