// A real VS Code (code-server) in a real browser, with what a user can do in it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tools = process.env.SCX_LSP_CODE_SERVER;
assert.ok(tools, "SCX_LSP_CODE_SERVER is where ./setup put things");
export const { chromium } = createRequire(import.meta.url)(join(tools, "pw/node_modules/playwright-core"));
const codeServer = join(tools, "cs/node_modules/code-server/out/node/entry.js");

/** Generous: a busy machine is no failure. */
export const patience = 1000 * Number(process.env.SCX_LSP_E2E_PATIENCE || 90);

const calm = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.editor.enablePreview": false,
  "workbench.editor.useModal": "off",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "window.commandCenter": false,
  "editor.minimap.enabled": false,
  "workbench.hover.delay": 60_000, // a tip would lie over the list that is scrolled
  "editor.wordBasedSuggestions": "off",
  "editor.autoClosingComments": "never",
  "editor.inlayHints.enabled": "on",
  "editor.codeLens": true,
  "editor.occurrencesHighlight": "off",
  "files.autoSave": "off",
  "task.allowAutomaticTasks": "off",
};

/**
 * open starts VS Code on a folder. Its home is a fresh folder below /tmp: a
 * socket lies there, whose path must be short.
 */
export async function open({ vsix, folder, file, artefacts, settings = {}, trust = false, env = {} }) {
  const home = mkdtempSync(join(tmpdir(), "scx-"));
  mkdirSync(join(home, "data/User"), { recursive: true });
  const all = { ...calm, "security.workspace.trust.enabled": trust, ...settings };
  writeFileSync(join(home, "data/User/settings.json"), JSON.stringify(all));
  const environment = {
    ...process.env,
    EXTENSIONS_GALLERY: "{}", // or it asks a gallery
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "share"),
    XDG_CACHE_HOME: join(home, "cache"),
    ...env,
  };
  const base = [
    codeServer,
    "--user-data-dir",
    join(home, "data"),
    "--extensions-dir",
    join(home, "extensions"),
  ];
  execFileSync(process.execPath, [...base, "--install-extension", vsix], { env: environment, stdio: "pipe" });
  const port = await freePort();
  const args = [...base, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry"];
  args.push("--disable-update-check", "--disable-getting-started-override", "--disable-proxy");
  if (!trust) {
    args.push("--disable-workspace-trust");
  }
  const server = spawn(process.execPath, args, {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  server.stdout.on("data", (d) => (log += d));
  server.stderr.on("data", (d) => (log += d));
  const code = new VSCode(home, server, artefacts, () => log);
  try {
    await until("code-server to answer", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    await code.browse(port, folder, file);
  } catch (err) {
    await code.close();
    throw new Error(`${err}\n${log}`);
  }
  return code;
}

async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

/** until asks again and again; what is thrown meanwhile is not yet a failure. */
export async function until(what, ask, limit = patience) {
  const end = Date.now() + limit;
  for (let last; ; ) {
    try {
      last = undefined;
      const value = await ask();
      if (value) {
        return value;
      }
    } catch (err) {
      last = err;
    }
    if (Date.now() > end) {
      throw new Error(`waited for ${what}${last ? `: ${last}` : ""}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export class VSCode {
  /** Hosts that the page asked for, besides ours. */
  outside = new Set();

  constructor(home, server, artefacts, log) {
    Object.assign(this, { home, server, artefacts, log });
  }

  async browse(port, folder, file) {
    this.context = await chromium.launchPersistentContext(join(this.home, "chromium"), {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      headless: true,
      viewport: { width: 1280, height: 900 },
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
      ],
    });
    await this.context.route("**/*", (route) => {
      const url = new URL(route.request().url());
      if (url.hostname === "127.0.0.1" || ["data:", "blob:"].includes(url.protocol)) {
        return route.continue();
      }
      this.outside.add(url.hostname);
      return route.abort();
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.page.setDefaultTimeout(patience);
    const payload = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${join(folder, file)}`]]);
    const query = `folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(payload)}`;
    await this.page.goto(`http://127.0.0.1:${port}/?${query}`);
    await this.page.waitForSelector(".monaco-editor .view-line");
  }

  async close() {
    await this.context?.close().catch(() => {});
    try {
      process.kill(-this.server.pid, "SIGTERM");
    } catch {
      // It has ended.
    }
    await until(
      "code-server to end",
      () => this.server.exitCode !== null || this.server.signalCode !== null,
      10_000,
    ).catch(() => process.kill(-this.server.pid, "SIGKILL"));
    await until(
      "the home to be gone",
      () => (rmSync(this.home, { recursive: true, force: true }), true),
      10_000,
    );
  }

  picture(name, options = {}) {
    return this.page.screenshot({ path: join(this.artefacts, `${name}.png`), ...options });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** paste puts a text in as it is: an editor helps him who types. */
  paste(text) {
    return this.page.keyboard.insertText(text);
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  /** command runs one from the palette, by its title, as a user does. */
  async command(title) {
    await until(`the command ${title}`, async () => {
      await this.press("Escape", "F1");
      const input = this.page.locator(".quick-input-widget input[type=text]").first();
      await input.waitFor({ timeout: 10_000 });
      await input.fill(`>${title}`);
      // Others that are like it may come first.
      const row = this.page.getByRole("option", { name: new RegExp(`^${escape(title)}(,|$)`) }).first();
      await row.click({ timeout: 10_000 });
      return true;
    });
  }

  /** goTo puts the cursor of the active editor into a line and column. */
  async goTo(line, column) {
    const at = `Ln ${line}, Col ${column}`;
    await until(at, async () => {
      // A list or a message that opens meanwhile may take the keys: ask again then.
      await this.press("Escape", "Control+1", "Control+g");
      const input = this.page.locator(".quick-input-widget input[type=text]").first();
      await input.waitFor({ timeout: 5_000 });
      await input.fill(`:${line}:${column}`);
      await this.press("Enter");
      await this.page.waitForTimeout(300);
      return (await this.page.locator(".statusbar").innerText()).includes(at);
    });
  }

  /** openFile opens one of the explorer's. */
  async openFile(name) {
    await this.command("View: Show Explorer");
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
    await this.page.locator(".tab.active", { hasText: name }).first().waitFor();
    await this.press("Control+1"); // into the text
  }

  /**
   * problems are the rows of the Problems view for a filter. The view holds only what
   * is seen, so the filter must leave few. Going through it by keys would open files.
   */
  async problems(filter) {
    const input = this.page.locator('.part.panel input[placeholder^="Filter"]').first();
    if ((await input.inputValue({ timeout: 3000 })) !== filter) {
      await input.fill(filter, { timeout: 3000 });
      await this.page.waitForTimeout(1000); // the view waits until one has typed
    }
    const rows = await this.page.locator(".markers-panel .monaco-list-row").allInnerTexts();
    return rows.map(plain);
  }

  /** problem waits for a row that a test takes. */
  problem(filter, test) {
    return until(`a problem on ${filter}`, async () => (await this.problems(filter)).find(test));
  }

  squiggles() {
    return this.page
      .locator(
        ".editor-group-container.active .squiggly-error, .editor-group-container.active .squiggly-warning",
      )
      .count();
  }

  /** notification waits for a message of a text. */
  async notification(text) {
    const toast = this.page.locator(".notification-toast", { hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  /** pick chooses one, and none of the others, in a list that lets one choose several. */
  async pick(label) {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first();
    await row.waitFor();
    const header = this.page.locator(".quick-input-widget").first();
    const chosen = async (n) => new RegExp(`(^|\\D)${n} Selected`).test(await header.innerText());
    await until("nothing to be chosen", async () => {
      if (await chosen(0)) {
        return true;
      }
      await header.getByRole("checkbox").first().click({ timeout: 5000 }); // all, then none
      return chosen(0);
    });
    await row.click();
    await until("one to be chosen", () => chosen(1));
    await this.press("Enter");
  }

  /** view is the page inside of a webview. */
  view(title) {
    return this.page
      .frameLocator("iframe.webview.ready")
      .last()
      .frameLocator(`iframe#active-frame[title="${title}"]`);
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** plain has single spaces of the one kind. */
export function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}
