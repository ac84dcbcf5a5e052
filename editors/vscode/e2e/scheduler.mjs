// What one does with a scheduler: read findings, mend them, choose kernels, look at the whole.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plain, until } from "./vscode.mjs";

const wrongCall = (row) => row.includes("scx_bpf_dsq_move_to_local") && row.includes("enqueue");

/** place gives the line of a file that holds a text, and its column as VS Code counts: tabs are four wide. */
function place(folder, file, text) {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  const line = lines.findIndex((l) => l.includes(text));
  assert.ok(line >= 0, `${file} holds ${text}`);
  let column = 0;
  for (const c of lines[line].slice(0, lines[line].indexOf(text))) {
    column += c === "\t" ? 4 - (column % 4) : 1;
  }
  return [line + 1, column + 1];
}

/** offers asks for completions of what is typed, at the end of a line, and takes the text back. */
async function offers(code, line, text, picture) {
  await code.goTo(line, 1);
  await code.press("End", "Enter");
  await code.type(text);
  await code.press("Control+Space");
  const rows = code.page.locator(".suggest-widget.visible .monaco-list-row");
  const labels = await until("completions", async () => {
    const seen = (await rows.allInnerTexts()).map(plain).filter((t) => t.startsWith("scx_bpf_"));
    return seen.length > 0 && seen;
  });
  if (picture) {
    await code.picture(picture);
  }
  await code.press("Escape", "Escape");
  await code.command("File: Revert File");
  return labels;
}

/** bodyOf is the line of a function's opening brace. */
function bodyOf(folder, file, fn) {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  return lines.findIndex((l, i) => l === "{" && lines[i - 1].includes(fn)) + 1;
}

const steps = {
  "a wrong call is underlined and listed, with the chain that leads there": async (code) => {
    await until("a squiggle", async () => (await code.squiggles()) > 0);
    await code.command("View: Toggle Problems");
    await code.problem("move_to_local", wrongCall);
    await code.problem("eager_enqueue calls pull", (row) => row.includes("eager_enqueue calls pull"));
    await code.picture("problems");
  },

  "columns are right after wide characters": async (code, { folder }) => {
    const text = readFileSync(join(folder, "eager.bpf.c"), "utf8").split("\n");
    const line = text.findIndex((l) => l.includes("return scx_bpf_dsq_move_to_local"));
    const column = text[line].indexOf("scx_bpf_dsq_move_to_local") + 1;
    const at = (c) => (row) =>
      row.startsWith("scx_bpf_dsq_move_to_local") && row.includes(`[Ln ${line + 1}, Col ${c}]`);
    await code.problem("move_to_local", at(column));
    await code.goTo(line + 1, 1);
    await code.paste("/* ü𝄞 */ "); // ten units of UTF-16
    await code.problem("move_to_local", at(column + 10));
    await code.command("File: Revert File");
    await code.problem("move_to_local", at(column));
  },

  "hover says where a kfunc is allowed": async (code, { folder }) => {
    await code.openFile("eager.bpf.c");
    await code.goTo(...place(folder, "eager.bpf.c", "scx_bpf_dsq_move_to_local"));
    await code.press("Control+k", "Control+i");
    const hover = code.page
      .locator(".monaco-hover:visible", { hasText: "bool scx_bpf_dsq_move_to_local(" })
      .first();
    await hover.waitFor();
    const text = plain(await hover.innerText());
    assert.match(text, /bool scx_bpf_dsq_move_to_local\(.*dispatch/, "where it is allowed");
    assert.match(text, /kfunc-context/, "the finding is there as well");
    await code.picture("hover");
    await code.press("Escape");
  },

  "completion offers what is allowed where the cursor is, and no more": async (code, { folder }) => {
    const enqueue = bodyOf(folder, "eager.bpf.c", "eager_enqueue");
    const dispatch = bodyOf(folder, "eager.bpf.c", "eager_dispatch");
    const names = (rows) => rows.map((r) => r.split(" ")[0]);
    const inEnqueue = names(await offers(code, enqueue, "scx_bpf_d", "completion"));
    const inDispatch = names(await offers(code, dispatch, "scx_bpf_d"));
    for (const everywhere of [inEnqueue, inDispatch]) {
      assert.ok(everywhere.includes("scx_bpf_dsq_nr_queued"), everywhere.join());
    }
    assert.ok(inDispatch.includes("scx_bpf_dispatch_nr_slots"), inDispatch.join());
    assert.ok(!inEnqueue.includes("scx_bpf_dispatch_nr_slots"), inEnqueue.join());
    assert.ok(!inEnqueue.includes("scx_bpf_dsq_move_to_local"), inEnqueue.join());
  },

  "a quick fix mends what it is for": async (code, { folder }) => {
    await code.openFile("balancer.bpf.c");
    const needed = (row) => row.includes("scx_bpf_create_dsq") && row.includes("kfunc-sleepable");
    await code.problem("create_dsq", needed);
    await code.goTo(...place(folder, "balancer.bpf.c", "scx_bpf_create_dsq"));
    await code.press("Control+.");
    const fix = code.page
      .locator(".action-widget .monaco-list-row", { hasText: "balancer_init sleepable" })
      .first();
    await fix.waitFor();
    await code.picture("quick-fix");
    await fix.click();
    await until("the finding to go", async () => !(await code.problems("create_dsq")).some(needed));
    const text = code.page.locator(".editor-group-container.active .view-lines");
    await until("the mended text", async () => (await text.innerText()).includes("BPF_STRUCT_OPS_SLEEPABLE"));
    await code.command("File: Revert File");
    await code.problem("create_dsq", needed);
  },

  "the page of a rule opens": async (code, { folder }) => {
    await code.openFile("eager.bpf.c");
    await code.goTo(...place(folder, "eager.bpf.c", "scx_bpf_dsq_move_to_local"));
    await code.command("scx-lsp: Explain Rule");
    await code.page.locator(".tab.active", { hasText: "kfunc-context" }).first().waitFor();
    await code.command("View: Close Editor");
  },

  "a lens above the ops table says which releases would run it": async (code, { folder }) => {
    await code.openFile("eager.bpf.c");
    await code.goTo(...place(folder, "eager.bpf.c", "struct sched_ext_ops"));
    const lenses = code.page.locator(".editor-group-container.active .codelens-decoration");
    await until("the verdicts", async () =>
      (await lenses.allInnerTexts()).map(plain).some((text) => /^6\.\d+.*✗ \d/.test(text)),
    );
  },

  "the kernels that one selects change the verdict": async (code) => {
    await code.openFile("eager.bpf.c");
    await code.command("scx-lsp: Select Target Kernels");
    await code.pick("Linux 6.12");
    await code.problem("6.12", (row) => row.includes("6.12"));
    await until(
      "no word of 7.3",
      async () => !(await code.problems("7.3")).some((row) => row.includes("7.3")),
    );
    const settings = code.page.locator(".editor-group-container.active .view-lines");
    await code.command("Preferences: Open Workspace Settings (JSON)");
    await until("the setting", async () => /scxLsp\.kernels.*6\.12/s.test(await settings.innerText()));
    await code.command("View: Close Editor");
    await code.command("scx-lsp: Select Target Kernels");
    await code.pick("Default");
    await code.problem("7.3", (row) => row.includes("7.3"));
  },

  "the matrix shows what the scheduler calls, the wrong call in red": async (code, { folder }) => {
    await code.openFile("eager.bpf.c");
    await code.command("scx-lsp: Show Kfunc Matrix");
    const view = code.view("Kfunc Matrix: eager.bpf.c");
    const bad = view.getByLabel(/^scx_bpf_dsq_move_to_local in .*enqueue: .*called here/).first();
    await bad.waitFor();
    assert.match(await bad.getAttribute("class"), /v-bad-use/);
    const good = view.getByLabel(/^scx_bpf_dsq_move_to_local in (ops\.)?dispatch: allowed; called here/);
    await good.first().waitFor();
    const red = await bad.evaluate((e) => getComputedStyle(e).backgroundColor);
    assert.match(red, /^rgb\((1[6-9]\d|2\d\d), \d\d?, \d\d?\)$/, "the theme's colour of errors");
    await code.command("View: Toggle Maximize Editor Group");
    await code.picture("matrix");
    await code.command("View: Toggle Maximize Editor Group");
    await bad.focus();
    await code.press("Enter");
    const [line] = place(folder, "eager.bpf.c", "return scx_bpf_dsq_move_to_local");
    await until("the call", async () =>
      (await code.page.locator(".statusbar").innerText()).includes(`Ln ${line}, `),
    );
    await code.command("View: Close All Editors");
  },

  "the call graph shows how a scheduler comes to call what it must not": async (code, { folder }) => {
    await code.openFile("eager.bpf.c");
    await code.command("scx-lsp: Show Call Graph");
    const view = code.view("Call Graph: eager.bpf.c");
    const pull = view.getByLabel(/^function pull; calls .*scx_bpf_dsq_move_to_local/);
    await pull.waitFor();
    assert.ok((await view.locator(".edge.bad").count()) > 0, "a wrong call is marked");
    await view.locator(".violations button", { hasText: "scx_bpf_dsq_move_to_local" }).first().waitFor();
    await code.command("View: Toggle Maximize Editor Group");
    await code.picture("graph");
    await code.command("View: Toggle Maximize Editor Group");
    await pull.focus();
    await code.press("Enter");
    const [line] = place(folder, "eager.bpf.c", "static bool pull(");
    await until("the function", async () =>
      (await code.page.locator(".statusbar").innerText()).includes(`Ln ${line}, `),
    );
    await code.command("View: Close All Editors");
  },

  "an object is verified": async (code) => {
    await code.command("scx-lsp: Verify Object");
    await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "built.bpf.o" }).first().click();
    const text = code.page.locator(".editor-group-container.active .view-lines");
    await until("the verdicts", async () => /refused/.test(await text.innerText()));
    await code.command("View: Close Editor");
  },

  "the server says how it is": async (code) => {
    await code.command("scx-lsp: Show Status");
    const text = code.page.locator(".editor-group-container.active .view-lines");
    await until("the status", async () => /kernels:.*7\.3/.test(plain(await text.innerText())));
    await code.command("View: Close Editor");
  },

  "a server that dies is started again, and the user told": async (code) => {
    await code.openFile("eager.bpf.c");
    const pids = () => serverProcesses(code.home);
    const [before, ...more] = await until("one server", () => pids());
    assert.equal(more.length, 0, "one server");
    process.kill(before, "SIGKILL");
    await code.notification("ended unexpectedly");
    await code.picture("crash");
    await until("another server", () => pids().some((pid) => pid !== before));
    await code.command("Notifications: Clear All Notifications");
    await code.problem("move_to_local", wrongCall);
    assert.equal(pids().length, 1);
  },

  "the check of the folder runs as a task, and its findings are problems": async (code) => {
    await code.command("View: Close All Editors");
    await code.openFile("eager.bpf.c");
    await code.command("Tasks: Run Task");
    const input = code.page.locator(".quick-input-widget input[type=text]").first();
    await input.fill("scx-lsp");
    await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "scx-lsp" }).first().waitFor();
    await code.press("Enter");
    const task = code.page.locator(".quick-input-list .monaco-list-row", { hasText: "check" }).first();
    await task.click();
    await code.command("Problems: Focus on Problems View");
    await code.problem("create_dsq", (row) => row.includes("scx-lsp check") && row.includes("kfunc-"));
    await code.problem("bpf_timer callback", (row) => row.includes("bpf_timer callback"));
    // What is open is judged as it is typed: no second row of the task's.
    assert.ok(
      !(await code.problems("move_to_local")).some((row) => wrongCall(row) && row.includes("scx-lsp check")),
    );
  },

  "the sample of the walkthrough opens and is found wrong": async (code) => {
    await code.command("Welcome: Open Walkthrough...");
    const input = code.page.locator(".quick-input-widget input[type=text]").first();
    await input.fill("scx-lsp");
    await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "scx-lsp" }).first().click();
    await code.page
      .locator(".gettingStartedContainer", { hasText: "Open a wrong scheduler" })
      .first()
      .waitFor();
    await code.picture("walkthrough");
    await code.page.getByRole("button", { name: "Open the Sample" }).first().click();
    await code.page.locator(".tab.active", { hasText: "sample.bpf.c" }).first().waitFor();
    await code.goTo(27, 1);
    await until("a squiggle in the sample", async () => (await code.squiggles()) > 0);
    await code.command("View: Close Editor");
  },
};

/** serverProcesses are those of the program that lies in the extension. */
function serverProcesses(home) {
  const all = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return all
    .filter((l) => l.includes(join(home, "extensions")) && l.includes("bin/scx-lsp serve"))
    .map((l) => parseInt(l, 10));
}

export const scheduler = { steps };
