#!/usr/bin/env node
/**
 * Takes a screenshot of a page of the built window with the fake Backstay, in WebKit (the engine of the real window).
 *
 *   npm run build:fake && node scripts/shot.mjs '/sources' out.png --width 1200 --height 800 --scheme dark --zoom 2
 *
 * --query 'empty&job'   scripts the fake (see src/platform/fake/start.ts)
 * --eval 'JS'           runs before the picture, may be async; `--key 'Ctrl K'` and `--click 'Button text'` act like a person
 * --dist DIR            another build (vite build --mode fake --outDir DIR)
 * --wait 800            milliseconds before the picture (600); `--after 350` after each act
 * --type 'text'         types into what has the focus
 * --axe                 prints what axe-core finds, contrast included; exit code 1 if it finds anything
 * --text                prints the page's text as well
 * Several pictures in one browser: give ROUTE OUT pairs one after the other.
 */
import { spawn } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ui = join(dirname(fileURLToPath(import.meta.url)), "..");
let root = join(ui, "dist-fake");
const browser = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};
const flags = new Set(["text", "axe"]);
/** As in tauri.conf.json, so that what it forbids fails here as well. */
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:",
  "connect-src ipc: http://ipc.localhost; object-src 'none'; base-uri 'none'; form-action 'none'; frame-src 'self'; frame-ancestors 'self'",
].join("; ");
const axePath = join(ui, "node_modules", "axe-core", "axe.min.js");

function read(argv) {
  const options = { width: "1200", height: "800", scheme: "light", zoom: "1", query: "", wait: "600", after: "350" };
  const given = [];
  const acts = [];
  for (let at = 0; at < argv.length; at++) {
    if (!argv[at].startsWith("--")) {
      given.push(argv[at]);
      continue;
    }
    const name = argv[at].slice(2);
    const value = flags.has(name) ? true : argv[++at];
    if (name === "eval" || name === "type" || name === "key" || name === "click") {
      acts.push([name, value]);
    } else {
      options[name] = value;
    }
  }
  return { given, options, acts };
}

async function serve() {
  await stat(join(root, "index.html")).catch(() => {
    throw new Error("dist-fake is missing: run `npm run build:fake` first");
  });
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
    const file = join(root, path === "/" ? "index.html" : path);
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "content-security-policy": policy,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** A display of our own; its number comes back on the third pipe. */
async function display(width, height) {
  const xvfb = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise((resolve, reject) => {
    xvfb.stdio[3].once("data", (data) => resolve(String(data).trim()));
    xvfb.once("exit", () => reject(new Error("Xvfb did not start")));
  });
  return { xvfb, name: `:${number}` };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function driver(displayName, scale) {
  const port = await freePort();
  const child = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    stdio: "ignore",
    env: {
      ...process.env,
      DISPLAY: displayName,
      GDK_BACKEND: "x11",
      WEBKIT_DISABLE_COMPOSITING_MODE: "0",
      NO_AT_BRIDGE: "1",
      GDK_SCALE: String(scale),
    },
  });
  const send = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body ? JSON.stringify(body) : undefined,
    });
    const { value } = await response.json();
    if (!response.ok) {
      throw new Error(`${path}: ${value?.error} ${value?.message}`);
    }
    return value;
  };
  for (let tries = 0; ; tries++) {
    try {
      await send("GET", "/status");
      return { child, send };
    } catch (error) {
      if (tries > 100) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const keyCodes = {
  Ctrl: "\uE009",
  Shift: "\uE008",
  Alt: "\uE00A",
  Enter: "\uE007",
  Esc: "\uE00C",
  Tab: "\uE004",
  Up: "\uE013",
  Down: "\uE015",
  Left: "\uE012",
  Right: "\uE014",
  Home: "\uE011",
  End: "\uE010",
  PgUp: "\uE00E",
  PgDn: "\uE00F",
  F6: "\uE036",
  Space: " ",
};

async function press(go, keys) {
  const parts = keys.split(" ").map((key) => keyCodes[key] ?? key);
  const down = parts.map((value) => ({ type: "keyDown", value }));
  const up = [...parts].reverse().map((value) => ({ type: "keyUp", value }));
  await go("POST", "/actions", { actions: [{ type: "key", id: "keys", actions: [...down, ...up] }] });
}

const clicker = `const wanted = arguments[0];
const named = [...document.querySelectorAll('button, a, [role=tab], [role=option], [role=row], label, input, summary')].filter((element) =>
  (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().startsWith(wanted));
if (!named.length) throw new Error('nothing to click is called ' + wanted);
named[0].click();`;

const asynchronous = (body) => `const done = arguments[0];
(async () => { ${body} })().then((told) => done(told ?? null), (error) => done(String(error) + '\\n' + error.stack));`;

/** What axe finds, one finding a line. */
const judge = `const { violations } = await axe.run(document, { resultTypes: ['violations'] });
return violations.map((v) => '  ' + v.impact + ' ' + v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.failureSummary)).slice(0, 5).join(' | ')).join('\\n');`;

/** The page is drawn and its fonts are there; within a frame, the page in it. */
const settled = `const inner = document.querySelector('iframe')?.contentDocument ?? document;
for (let tries = 0; tries < 100 && !inner.querySelector('#root main'); tries++) await new Promise((r) => setTimeout(r, 50));
await inner.fonts.ready;`;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function main() {
  const { given, options, acts } = read(process.argv.slice(2));
  if (given.length < 2 || given.length % 2) {
    throw new Error(
      "usage: shot.mjs ROUTE OUT.png [ROUTE OUT.png …] [--width N] [--height N] [--scheme light|dark] [--zoom N] [--query Q]",
    );
  }
  root = options.dist ?? root;
  const [width, height] = [Number(options.width), Number(options.height)];
  // Whole zooms are the display's own scale; others are drawn in a scaled frame.
  const zoom = Number(options.zoom);
  const scale = Number.isInteger(zoom) ? zoom : 1;
  const server = await serve();
  const screen = await display(width + 200, height + 300);
  const { child, send } = await driver(screen.name, scale);
  try {
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] } } };
    const { sessionId } = await send("POST", "/session", { capabilities });
    const go = (method, path, body) => send(method, `/session/${sessionId}${path}`, body);
    const run = (script, args = []) => go("POST", "/execute/sync", { script, args });
    for (let at = 0; at < given.length; at += 2) {
      const query = [`scheme=${options.scheme}`, options.query].filter(Boolean).join("&");
      const address = `http://127.0.0.1:${server.address().port}/?${query}`;
      await go("POST", "/window/rect", { width: Math.round(width / scale), height: Math.round(height / scale) });
      await go("POST", "/url", { url: `${address}&n=${at}#${given[at]}` });
      await go("POST", "/timeouts", { script: 60_000 });
      await resize(go, run, Math.round(width / scale), Math.round(height / scale));
      if (scale !== zoom) {
        // As the real window's zoom: everything larger in fewer CSS pixels, media queries included.
        await zoomFrame(run, zoom, `${address}&n=${at}z#${given[at]}`);
      }
      await go("POST", "/execute/async", { script: asynchronous(settled), args: [] });
      await pause(Number(options.wait));
      for (const [kind, value] of acts) {
        if (kind === "key") {
          await press(go, value);
        } else if (kind === "type") {
          for (const letter of value) {
            await press(go, letter === " " ? "Space" : letter);
          }
        } else if (kind === "click") {
          await run(clicker, [value]);
        } else {
          const told = await go("POST", "/execute/async", { script: asynchronous(value), args: [] });
          if (told !== null && told !== undefined) {
            console.log(told);
          }
        }
        await pause(Number(options.after));
      }
      if (options.axe) {
        await run(await readFile(axePath, "utf8"));
        const found = await go("POST", "/execute/async", { script: asynchronous(judge), args: [] });
        if (found) {
          console.log(`${given[at]}\n${found}`);
          process.exitCode = 1;
        }
      }
      if (options.text) {
        console.log(await run("return document.body.innerText"));
      }
      await writeFile(given[at + 1], Buffer.from(await go("GET", "/screenshot"), "base64"));
    }
    await go("DELETE", "").catch(() => undefined);
  } finally {
    child.kill();
    screen.xvfb.kill();
    server.close();
  }
}

/** Makes the page as large as wanted: decoration takes some of the window, and scaled displays count in their own way. */
async function resize(go, run, width, height) {
  let asked = { width, height };
  for (let tries = 0; tries < 4; tries++) {
    await pause(60);
    const [innerWidth, innerHeight] = await run("return [innerWidth, innerHeight]");
    if (innerWidth === width && innerHeight === height) {
      return;
    }
    asked = { width: asked.width + width - innerWidth, height: asked.height + height - innerHeight };
    await go("POST", "/window/rect", asked);
  }
}

/** Shows the page in a frame of fewer CSS pixels, scaled up: WebDriver cannot set the browser's own zoom. */
async function zoomFrame(run, zoom, address) {
  await run(
    `const [zoom, address] = arguments;
     const [width, height] = [innerWidth / zoom, innerHeight / zoom];
     document.documentElement.innerHTML = '<head></head><body style="margin:0;overflow:hidden"></body>';
     const frame = document.createElement('iframe');
     frame.style.cssText = 'border:0;transform-origin:0 0;width:' + width + 'px;height:' + height + 'px;transform:scale(' + zoom + ')';
     frame.src = address;
     document.body.append(frame);`,
    [zoom, address],
  );
  await pause(600);
}

main().then(
  () => process.exit(process.exitCode ?? 0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
