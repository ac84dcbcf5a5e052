// The views in a browser alone, with data as bad as a source can make it: what a
// real server answers is the other session's matter.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, plain, until } from "./vscode.mjs";

const here = new URL("..", import.meta.url).pathname;
const evil = "<img src=x onerror=\"document.title='evil'\">";

const at = {
  uri: "file:///ws/a.bpf.c",
  range: { start: { line: 4, character: 1 }, end: { line: 4, character: 9 } },
};
const matrix = {
  known: ["6.12", "7.3"],
  matrix: {
    kernel: "7.3",
    releases: ["7.3"],
    members: ["ops.enqueue", "ops.dispatch", evil],
    kfuncs: [
      {
        name: "scx_bpf_a",
        cells: [{ verdict: "allowed" }, { verdict: "allowed" }, { verdict: "unknown" }],
        since: "6.12",
      },
      {
        name: "scx_bpf_b",
        cells: [{ verdict: "refused", who: "the verifier" }, { verdict: "allowed" }, { verdict: "missing" }],
      },
      { name: evil, cells: [], removed: "7.1" },
    ],
    used: [{ kfunc: "scx_bpf_b", member: "ops.enqueue", ...at }],
  },
};

const graph = {
  nodes: [
    { id: "1", name: "ops.enqueue", kind: "op", ...at },
    { id: "2", name: "pull", kind: "function", ...at },
    { id: "3", name: "scx_bpf_b", kind: "kfunc" },
    { id: "4", name: evil, kind: "function", ...at },
  ],
  edges: [
    { from: "1", to: "2", kind: "call" },
    {
      from: "2",
      to: "3",
      kind: "call",
      range: at.range,
      verdict: "refused",
      message: `b is refused ${evil}`,
    },
    { from: "4", to: "2", kind: "call" },
    { from: "1", to: "gone", kind: "call" },
  ],
};

/** load opens a view as the extension does, with a stand-in for the editor. */
async function load(browser, name, data, theme = {}) {
  const page = await browser.newPage();
  const csp = "default-src 'none'; style-src 'nonce-t'; script-src 'nonce-t'";
  const colours = Object.entries(theme).map(([k, v]) => `--vscode-${k}: ${v};`);
  const style = `:root { ${colours.join(" ")} } ${readFileSync(join(here, "media/view.css"), "utf8")}`;
  await page.setContent(`<meta http-equiv="Content-Security-Policy" content="${csp}">
    <style nonce="t">${style}</style><main id="view"></main>
    <script nonce="t">window.said = []; window.acquireVsCodeApi = () => ({ postMessage: (m) => said.push(m) });</script>
    <script nonce="t">${readFileSync(join(here, `dist/${name}.js`), "utf8")}</script>`);
  assert.deepEqual(await page.evaluate(() => window.said), [{ type: "ready" }]);
  await page.evaluate((d) => window.postMessage({ type: "data", data: d }), data);
  await page.locator("#count").waitFor();
  return page;
}

const said = (page) => page.evaluate(() => window.said.at(-1));
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

const steps = {
  "the matrix is walked with the keyboard": async (browser) => {
    const page = await load(browser, "matrix", matrix);
    assert.equal(await page.locator("tbody tr").count(), 1, "only what is called, at first");
    await page.locator("#used").uncheck();
    assert.equal(await page.locator("tbody tr").count(), 3);
    await page.locator("#filter").fill("BPF_B");
    assert.equal(await page.locator("tbody tr").count(), 1);
    await page.locator("#filter").fill("");
    const bad = page.locator("td.v-bad-use");
    assert.equal(await bad.count(), 1);
    await bad.focus();
    assert.match(await focused(page), /scx_bpf_b in ops.enqueue: refused .*the verifier.*called here/);
    assert.equal(await page.locator("#detail").innerText(), await focused(page));
    await page.keyboard.press("Enter");
    assert.deepEqual(await said(page), { type: "open", place: at });
    await page.keyboard.press("ArrowRight");
    assert.match(await focused(page), /scx_bpf_b in ops.dispatch: allowed/);
    await page.keyboard.press("ArrowUp");
    assert.match(await focused(page), /scx_bpf_a in ops.dispatch/);
    await page.keyboard.press("ArrowUp");
    assert.match(await focused(page), /scx_bpf_a in ops.dispatch/, "there is no row above");
    await page.keyboard.press("Home");
    assert.match(await focused(page), /scx_bpf_a in ops.enqueue/);
    assert.equal(await page.locator('td[tabindex="0"]').count(), 1, "one stop for Tab");
    await page.locator("#kernel").selectOption("6.12");
    assert.deepEqual(await said(page), { type: "kernel", kernel: "6.12" });
  },

  "the call graph is walked with the keyboard, wrong calls are marked": async (browser) => {
    const page = await load(browser, "graph", graph, { errorForeground: "rgb(200, 0, 0)" });
    assert.equal(await page.locator(".node").count(), 4);
    assert.equal(await page.locator(".edge.bad").count(), 1);
    const stroke = await page.locator(".edge.bad").evaluate((e) => getComputedStyle(e).stroke);
    assert.equal(stroke, "rgb(200, 0, 0)", "the theme's colour of errors");
    await page.locator('.node[data-id="1"]').focus();
    for (const [key, label] of [
      ["ArrowRight", /function pull; calls scx_bpf_b/],
      ["ArrowRight", /kfunc scx_bpf_b; b is refused/],
      ["ArrowLeft", /function pull/],
      ["ArrowLeft", /ops.enqueue/],
      ["ArrowDown", /img/],
    ]) {
      await page.keyboard.press(key);
      assert.match(await focused(page), label);
    }
    await page.keyboard.press("Enter");
    assert.deepEqual(await said(page), { type: "open", place: at });
    await page.locator(".violations button").click();
    assert.deepEqual(await said(page), { type: "open", place: at });
  },

  "names are no markup, and no other script runs": async (browser) => {
    for (const [name, data] of [
      ["matrix", matrix],
      ["graph", graph],
    ]) {
      const page = await load(browser, name, data);
      if (name === "matrix") {
        await page.locator("#used").uncheck();
      }
      assert.ok(plain(await page.locator("body").innerText()).includes("<img src=x"), name);
      assert.equal(await page.locator("img").count(), 0);
      assert.notEqual(await page.title(), "evil");
      // Were it to get in, the policy would stop it.
      await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), evil);
      await until("the image to fail", () => page.locator("img").evaluate((i) => i.complete));
      assert.notEqual(await page.title(), "evil");
    }
  },

  "what the server could not answer is shown": async (browser) => {
    const page = await load(browser, "matrix", matrix);
    await page.evaluate(() => window.postMessage({ type: "error", message: "no kernel 9.9" }));
    await page.getByRole("alert").filter({ hasText: "no kernel 9.9" }).waitFor();
  },
};

/** views takes all steps in one browser. */
export async function views(take) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    for (const [name, step] of Object.entries(steps)) {
      await take(name, () => step(browser));
    }
  } finally {
    await browser.close();
  }
}
