/** Settings › Notifications: channels are set up, tried, changed and removed; their secrets are never shown; the last messages stand beneath. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChannelRow, SentRow } from "../api";
import { apiError, Fake } from "../platform/fake";
import { channelsOf } from "../platform/fake/channels";
import { axeFindings, NOW, renderApp } from "../test/render";
import { draftOf, faults, isReady, requestOf } from "./channelWords";

// Pages are fetched when they are first opened; on a busy machine that takes its time.
beforeAll(async () => {
  await import("../views/SettingsView");
}, 60_000);

let fake: Fake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  fake = new Fake({ now: NOW, tick: 0 });
});

async function open() {
  const drawn = renderApp({ fake, at: "/settings/notifications" });
  await screen.findByRole("main");
  await page().findByRole("button", { name: "Send a test" });
  return drawn;
}
const page = () => within(screen.getByRole("main"));
const set = () => fake.requests("channel.set");

async function add(kind: string) {
  const drawn = await open();
  await drawn.user.click(await page().findByRole("button", { name: `Set up… ${kind}` }));
  return { ...drawn, dialog: within(await screen.findByRole("dialog")) };
}

describe("a channel", () => {
  it("says where it leads, what it tells, when it was last used, and why that went wrong", async () => {
    const [chat] = channelsOf(fake.world).channels as [ChannelRow];
    chat.problem = "https://hooks.halyard.example answered 503";
    chat.plans = ["Every day"];
    await open();
    expect(await page().findByText(/last message today 09:15/)).toBeInTheDocument();
    expect(page().getByText("https://hooks.halyard.example")).toBeInTheDocument();
    expect(page().getByText("Tells: everything that needs you. Only of Every day.")).toBeInTheDocument();
    expect(page().getByText(/did not get through: .* answered 503/)).toBeInTheDocument();
    // What is not set up is offered.
    expect(page().getByRole("button", { name: "Set up… Heartbeat" })).toBeInTheDocument();
    expect(page().queryByRole("button", { name: "Set up… Webhook" })).toBeNull();
    expect(await axeFindings()).toEqual([]);
  });

  it("is tried, with the answer beneath", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Test Team chat" }));
    expect(await page().findByText("202 Accepted in 0.3 s")).toBeInTheDocument();
    fake.fail("channel.test", apiError("auth", "https://hooks.halyard.example answered 403", { hint: "Look at it." }));
    await user.click(page().getByRole("button", { name: "Test Team chat" }));
    expect(await page().findByText("The test did not get through.")).toBeInTheDocument();
    expect(page().getByText(/answered 403/)).toBeInTheDocument();
    expect(page().queryByText("202 Accepted in 0.3 s")).toBeNull();
  });

  it("is switched off and on without its secret, and stands as before when that is not kept", async () => {
    const { user } = await open();
    const use = await page().findByRole("switch", { name: "Use Team chat" });
    expect(use).toBeChecked();
    await user.click(use);
    await waitFor(() => expect(set()).toHaveLength(1));
    expect(set()[0]).toMatchObject({ channel: "channel-1", enabled: false, kind: { webhook: { slack: true } } });
    expect(set()[0]).not.toHaveProperty("secret");
    await waitFor(() => expect(use).not.toBeChecked());
    fake.fail("channel.set", apiError("full", "there is no space left"));
    await user.click(use);
    expect(await page().findByText("This change was not kept.")).toBeInTheDocument();
    expect(use).not.toBeChecked();
  });

  it("is edited without ever showing what the keychain holds", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Edit… Team chat" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Edit Team chat" }));
    const address = dialog.getByLabelText("Address");
    expect(address).toHaveValue("");
    expect(address).toHaveAttribute("type", "password");
    expect(dialog.getByText(/Leave it empty to keep the one there is/)).toBeInTheDocument();
    await user.clear(dialog.getByLabelText("Name"));
    await user.type(dialog.getByLabelText("Name"), "Crew");
    await user.click(dialog.getByRole("checkbox", { name: "A backup is complete" }));
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await page().findByRole("switch", { name: "Use Crew" })).toBeInTheDocument();
    expect(set().at(-1)).not.toHaveProperty("secret");
    expect(set().at(-1)?.events).toContain("complete");
    expect(document.body.textContent).not.toContain("T0/B0");
  });

  it("is removed after asking, and kept when that fails", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Edit… Team chat" }));
    await user.click(await screen.findByRole("button", { name: "Remove…" }));
    const question = within(await screen.findByRole("dialog", { name: "Remove Team chat?" }));
    await waitFor(() => expect(question.getByRole("button", { name: "Keep it" })).toHaveFocus());
    fake.fail("channel.remove", apiError("locked", "another Backstay writes"), 1);
    await user.click(question.getByRole("button", { name: "Remove this channel" }));
    expect(await question.findByText("another Backstay writes")).toBeInTheDocument();
    await user.click(question.getByRole("button", { name: "Remove this channel" }));
    await waitFor(() => expect(page().queryByRole("switch", { name: "Use Team chat" })).toBeNull());
    expect(page().getByRole("button", { name: "Set up… Webhook" })).toBeInTheDocument();
  });
});

describe("setting one up", () => {
  it("takes a mail server, whose port follows the protection", async () => {
    const { user, dialog } = await add("E-mail");
    const save = dialog.getByRole("button", { name: "Save" });
    expect(save).toBeDisabled();
    await user.type(dialog.getByLabelText("Mail server"), "mail.halyard.example");
    expect(dialog.getByLabelText("Port")).toHaveValue("587");
    await user.click(dialog.getByRole("combobox", { name: "Protection" }));
    await user.click(await screen.findByRole("option", { name: "TLS" }));
    expect(dialog.getByLabelText("Port")).toHaveValue("465");
    expect(dialog.queryByLabelText("Password")).toBeNull();
    await user.type(dialog.getByLabelText("User name"), "backstay");
    await user.type(dialog.getByLabelText("Password"), "s3cret");
    await user.type(dialog.getByLabelText("From"), "nobody");
    expect(dialog.getByText("An address has an @.")).toBeInTheDocument();
    await user.type(dialog.getByLabelText("From"), "@halyard.example");
    await user.type(
      dialog.getByLabelText("To", { selector: "input:not([type=hidden])" }),
      "mara@halyard.example{Enter}jonas@halyard.example{Enter}",
    );
    await user.click(save);
    await waitFor(() => expect(set()).toHaveLength(1));
    expect(set()[0]).toEqual({
      name: "E-mail",
      kind: {
        mail: {
          host: "mail.halyard.example",
          port: 465,
          security: "tls",
          user: "backstay",
          from: "nobody@halyard.example",
          to: ["mara@halyard.example", "jonas@halyard.example"],
        },
      },
      secret: "s3cret",
      events: [],
      plans: [],
    });
    expect(await page().findByText("mara@halyard.example, jonas@halyard.example")).toBeInTheDocument();
  });

  it("refuses an address that is none, and asks for at least one event", async () => {
    const { user } = await open();
    await user.click(await page().findByRole("button", { name: "Add another…" }));
    await user.click(await screen.findByRole("menuitem", { name: "Webhook" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a webhook" }));
    const save = dialog.getByRole("button", { name: "Save" });
    await user.type(dialog.getByLabelText("Address"), "hooks.example");
    expect(dialog.getByText("An address begins with https:// or http://.")).toBeInTheDocument();
    expect(save).toBeDisabled();
    await user.clear(dialog.getByLabelText("Address"));
    await user.type(dialog.getByLabelText("Address"), "https://other.example/x");
    expect(save).toBeEnabled();
    for (const box of dialog.getAllByRole("checkbox", { checked: true })) {
      await user.click(box);
    }
    expect(dialog.getByText("Choose at least one.")).toBeInTheDocument();
    expect(save).toBeDisabled();
    await user.click(dialog.getByRole("checkbox", { name: "A run failed" }));
    await user.click(dialog.getByRole("radio", { name: "Slack" }));
    // A name that is taken is refused by the engine, and the dialog stays.
    await user.clear(dialog.getByLabelText("Name"));
    await user.type(dialog.getByLabelText("Name"), "team CHAT");
    await user.click(save);
    expect(await dialog.findByText(/There is a channel/)).toBeInTheDocument();
    await user.type(dialog.getByLabelText("Name"), " 2");
    await user.click(save);
    expect(await page().findByText("https://other.example")).toBeInTheDocument();
    expect(set().at(-1)).toMatchObject({ events: ["failed"], kind: { webhook: { slack: true } } });
  });

  it("a heartbeat has no choice of events", async () => {
    const { user, dialog } = await add("Heartbeat");
    expect(dialog.queryAllByRole("checkbox")).toEqual([]);
    await user.type(dialog.getByLabelText("Address"), " https://hc.example/uuid ");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(set()[0]).toMatchObject({ secret: "https://hc.example/uuid", kind: { heartbeat: {} } }));
  });
});

describe("the form", () => {
  it("is ready only with everything its kind needs", () => {
    const command = draftOf("command", "Command");
    expect(isReady(command, false)).toBe(false);
    expect(isReady(command, true)).toBe(true);
    expect(isReady({ ...command, name: " " }, true)).toBe(false);
    expect(requestOf({ ...command, secret: " /usr/bin/ring ", seconds: 9 })).toMatchObject({
      kind: { command: { seconds: 9 } },
      secret: "/usr/bin/ring",
      events: [],
    });
    const mail = { ...draftOf("mail", "Mail"), host: "h", from: "a@b", to: ["c@d"] };
    expect(isReady(mail, false)).toBe(true);
    expect(faults({ ...mail, to: ["c@d", "x"] }).to).toBe(true);
    // A password keeps its spaces.
    expect(requestOf({ ...mail, secret: " x " }).secret).toBe(" x ");
  });
});

describe("the last messages", () => {
  it("stand with where they went and whether they got there", async () => {
    await open();
    const table = await page().findByRole("table", { name: "Last messages" });
    expect(within(table).getAllByRole("row")).toHaveLength(7);
    expect(within(table).getByText("Not delivered")).toBeInTheDocument();
    expect(within(table).getByText(/answered 503: maintenance/)).toBeInTheDocument();
    expect(within(table).getAllByText("On this computer").length).toBeGreaterThan(2);
    expect(within(table).getByRole("img", { name: "A source is overdue" })).toBeInTheDocument();
  });

  it("are shown in part when there are many, and say when there is none", async () => {
    const here = channelsOf(fake.world);
    const [first] = here.sent as [SentRow];
    here.sent = Array.from({ length: 100 }, (_, at) => ({ ...first, title: `Message ${at}`, delivered: null }));
    const { user, unmount } = await open();
    const table = await page().findByRole("table", { name: "Last messages" });
    expect(within(table).getAllByRole("row")).toHaveLength(11);
    expect(within(table).getAllByText("Waits, tried 1 time").length).toBe(10);
    await user.click(page().getByRole("button", { name: "Show 90 more" }));
    expect(within(table).getAllByRole("row")).toHaveLength(101);
    unmount();
    here.sent = [];
    await open();
    expect(await page().findByRole("heading", { name: "No message was sent yet" })).toBeInTheDocument();
  });

  it("and the channels are an error with a way to try again", async () => {
    fake.fail("channel.list", apiError("io", "state.db could not be read"));
    const { user } = await open();
    expect(await page().findByText("state.db could not be read")).toBeInTheDocument();
    // What the desktop tells can be set all the same.
    expect(page().getByRole("switch", { name: "A source is overdue" })).toBeChecked();
    fake.mend("channel.list");
    await user.click(page().getByRole("button", { name: "Try again" }));
    expect(await page().findByRole("switch", { name: "Use Team chat" })).toBeInTheDocument();
  });
});
