/** A CouchDB server in the assistant: how to log in, which databases, and what can stand in the way. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Fake } from "../../platform/fake";
import { axeFindings, NOW, renderApp } from "../../test/render";
import { keptDraft } from "../add/draft";
import { choiceOf, fits, takes } from "./chosen";
import { isInTheClear, methodOf, nameFromUrl, withMethod } from "./login";

configure({ asyncUtilTimeout: 5000 });
beforeAll(async () => {
  await import("../../views/AddSourceView");
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  localStorage.clear();
  fake = new Fake({ now: NOW, tick: 0, empty: true });
});

const page = () => within(screen.getByRole("main"));
const address = () => page().findByRole("textbox", { name: /^Address/ });

async function open() {
  const drawn = renderApp({ fake, at: "/sources/add?kind=couchdb" });
  await screen.findByRole("main");
  return drawn;
}

async function logIn(user: Awaited<ReturnType<typeof open>>["user"], url: string, password = "secret") {
  await user.type(await address(), url);
  await user.type(page().getByRole("textbox", { name: "User name" }), "reader");
  await user.type(page().getByLabelText("Password"), password);
}

describe("settings", () => {
  it("tell how one logs in, and forget what another way needed", () => {
    expect(methodOf({})).toBe("basic");
    expect(methodOf({ token: "x" })).toBe("jwt");
    expect(methodOf({ "api-key": "x" })).toBe("iam");
    expect(withMethod({ url: "u", user: "a", password: "b" }, "jwt")).toEqual({ url: "u", auth: "jwt" });
    expect(withMethod({ user: "a", password: "b" }, "cookie")).toEqual({ user: "a", password: "b", auth: "cookie" });
  });

  it("choose databases as the connector does", () => {
    expect(choiceOf({})).toBe("all");
    expect(choiceOf({ database: ["a"] })).toBe("these");
    expect(choiceOf({ database: ["a-*"] })).toBe("pattern");
    expect(fits("sales-*", "sales-2024")).toBe(true);
    expect(fits("*.x", "ax")).toBe(false);
    expect(takes({}, "_users")).toBe(false);
    expect(takes({ system: true }, "_users")).toBe(true);
    expect(takes({ database: ["_users"] }, "_users")).toBe(true);
    expect(takes({ exclude: ["*-scratch"] }, "a-scratch")).toBe(false);
  });

  it("give a name, and warn of an open line", () => {
    expect(nameFromUrl("https://couch.example.org:6984")).toBe("couch.example.org");
    expect(nameFromUrl("nothing")).toBe("");
    expect(isInTheClear("http://couch.example.org:5984")).toBe(true);
    expect(isInTheClear("http://127.0.0.1:5984")).toBe(false);
    expect(isInTheClear("https://couch.example.org")).toBe(false);
  });
});

describe("the assistant", () => {
  it("tests once everything is typed, and lets one tick databases", async () => {
    const { user } = await open();
    expect(await page().findByText("The databases show here once the server was reached.")).toBeInTheDocument();
    await logIn(user, "https://couch.example.org:6984");
    expect(await page().findByText("Connected")).toBeInTheDocument();
    expect(fake.requests("source.try")).toEqual([
      { kind: "couchdb", options: { url: "https://couch.example.org:6984", user: "reader", password: "secret" } },
    ]);
    expect(page().getByRole("textbox", { name: /^Name/ })).toHaveValue("couch.example.org");
    expect(page().getByText("5 of 5 protected")).toBeInTheDocument();
    expect(page().getByText("This user may not read it.")).toBeInTheDocument();
    expect(await axeFindings()).toEqual([]);

    await user.click(page().getByRole("radio", { name: "Only the ones I tick" }));
    expect(page().getByText("0 of 5 protected")).toBeInTheDocument();
    // Nothing ticked is not everything: one cannot go on.
    expect(page().getByText(/choose at least one database/)).toBeInTheDocument();
    await waitFor(() => expect(page().getByRole("button", { name: "Continue" })).toBeDisabled());
    await user.click(page().getByRole("checkbox", { name: "vessels" }));
    await user.click(page().getByRole("checkbox", { name: "berths" }));
    expect(page().getByText("2 of 5 protected")).toBeInTheDocument();
    // The list stays while the new settings are tested.
    await waitFor(() =>
      expect(fake.requests("source.try").at(-1)).toMatchObject({ options: { database: ["berths", "vessels"] } }),
    );
    expect(page().getByRole("checkbox", { name: "vessels" })).toBeChecked();
    // Secrets are not kept.
    expect(JSON.stringify(keptDraft())).not.toContain("secret");
  });

  it("says what a wrong password and a server that is away are", async () => {
    const { user } = await open();
    await logIn(user, "https://couch.example.org:6984", "wrong");
    const refused = await page().findByRole("alert");
    expect(refused).toHaveTextContent("needs other credentials");
    expect(within(refused).queryByRole("button", { name: "Go on anyway" })).toBeNull();
    await user.type(await address(), "/away");
    await waitFor(() => expect(page().getByRole("alert")).toHaveTextContent("cannot be reached"));
    expect(page().getByRole("button", { name: "Go on anyway" })).toBeEnabled();
  });

  it("asks for what a way to log in needs, and for nothing else", async () => {
    const { user } = await open();
    await address();
    await user.click(page().getByRole("combobox", { name: "Log in" }));
    await user.click(await screen.findByRole("option", { name: "IBM Cloudant API key" }));
    expect(page().getByLabelText("API key")).toBeInTheDocument();
    expect(page().queryByLabelText("Password")).toBeNull();
    await user.click(page().getByRole("combobox", { name: "Log in" }));
    await user.click(await screen.findByRole("option", { name: "Nothing: everybody may read" }));
    await user.type(await address(), "http://couch.example.org:5984");
    expect(page().getByText(/everybody on the way can read/)).toBeInTheDocument();
    expect(await page().findByText("Everybody is an administrator of this server.")).toBeInTheDocument();
  });

  it("shows thousands of databases and finds one", async () => {
    const { user } = await open();
    await logIn(user, "https://large.example.org");
    expect(await page().findByText("2,005 of 2,005 protected")).toBeInTheDocument();
    expect(page().getAllByRole("listitem").length).toBeLessThan(80);
    await user.type(page().getByRole("textbox", { name: "Find a database" }), "1999");
    expect(page().getByText("customer-1999")).toBeInTheDocument();
    await user.type(page().getByRole("textbox", { name: "Find a database" }), "xyz");
    expect(page().getByText("No database has this in its name.")).toBeInTheDocument();
  });
});
