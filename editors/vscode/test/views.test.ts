import assert from "node:assert/strict";
import { test } from "node:test";
import { checkArguments } from "../src/check-arguments";
import { Crashes } from "../src/crashes";
import { escapeHtml, renderPage } from "../src/html";
import { choices, releaseOrder, summary } from "../src/kernels";
import { renderStatus, renderVerify } from "../src/report";
import { type Graph, type GraphNode, isBad } from "../src/protocol";
import { boxHeight, layout } from "../src/webview/layout";

function graph(calls: string, kinds: Record<string, GraphNode["kind"]> = {}): Graph {
  const edges = calls.split(" ").map((c) => {
    const [from, to] = c.split(">");
    return { from: from!, to: to!, kind: "call" };
  });
  const ids = [...new Set(edges.flatMap((e) => [e.from, e.to]))];
  return { nodes: ids.map((id) => ({ id, name: id, kind: kinds[id] ?? "function" })), edges };
}

const width = (n: GraphNode): number => 10 * n.name.length + 20;

test("callers are left of callees, kfuncs rightmost", () => {
  const { boxes } = layout(
    graph("enqueue>pull dispatch>pull pull>deep deep>k1 enqueue>k2", { k1: "kfunc", k2: "kfunc" }),
    width,
  );
  const layers = Object.fromEntries([...boxes].map(([id, b]) => [id, b.layer]));
  assert.deepEqual(layers, { enqueue: 0, dispatch: 0, pull: 1, deep: 2, k1: 3, k2: 3 });
  for (const a of boxes.values()) {
    for (const b of boxes.values()) {
      const apart =
        a.layer !== b.layer ? a.x + a.width < b.x || b.x + b.width < a.x : Math.abs(a.y - b.y) >= boxHeight;
      assert.ok(a === b || apart, `${a.node.id} and ${b.node.id} overlap`);
    }
  }
});

test("recursion, unknown ends and long chains end", () => {
  const cycle = layout(graph("a>b b>c c>a c>c c>k", { k: "kfunc" }), width);
  assert.deepEqual(
    [...cycle.boxes.values()].map((b) => b.layer),
    [0, 1, 2, 3],
  );
  const dangling = graph("a>b");
  dangling.edges.push({ from: "a", to: "nowhere", kind: "call" });
  assert.equal(layout(dangling, width).edges.length, 1);
  assert.equal(layout({ nodes: [], edges: [] }, width).boxes.size, 0);
  const chain = Array.from({ length: 20000 }, (_, i) => `f${i}>f${i + 1}`).join(" ");
  assert.equal(layout(graph(chain), width).boxes.get("f20000")?.layer, 20000);
});

test("layers are sorted by their callers", () => {
  const { boxes } = layout(graph("a>x b>y a>z b>z"), width);
  assert.ok(boxes.get("x")!.row < boxes.get("z")!.row && boxes.get("z")!.row < boxes.get("y")!.row);
});

test("a page runs our script only, and names are no markup", () => {
  const page = renderPage({
    title: "<b>'\"&",
    cspSource: "https://x",
    nonce: "n0nce",
    script: "s.js",
    style: "v.css",
  });
  assert.ok(page.includes("&lt;b&gt;&#39;&quot;&amp;") && !page.includes("<b>"));
  const csp = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  assert.equal(csp, "default-src &#39;none&#39;; style-src https://x; script-src &#39;nonce-n0nce&#39;");
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.ok(page.includes('nonce="n0nce" src="s.js"'));
  assert.equal(escapeHtml("a"), "a");
});

test("a server may stumble, not fall all the time", () => {
  const crashes = new Crashes();
  assert.deepEqual(
    [0, 1, 2, 3].map((t) => crashes.add(t)),
    [true, true, true, true],
  );
  assert.equal(crashes.add(4), false);
  assert.equal(crashes.add(4 + 3 * 60 * 1000), true, "long ago");
});

test("kernels are offered newest first, and those in use picked", () => {
  const known = ["6.9", "6.12", "7.3"].map((release) => ({
    release,
    build: release === "7.3" ? "7.3.4" : release,
  }));
  const got = choices({ known, selected: "6.12..7.3", releases: ["6.12", "7.3"] });
  assert.deepEqual(
    got.map((c) => [c.label, c.description, c.picked]),
    [
      ["Linux 7.3", "7.3.4", true],
      ["Linux 6.12", "", true],
      ["Linux 6.9", "", false],
    ],
  );
  assert.equal(summary(["7.3", "6.9", "6.12"]), "Linux 6.9–7.3");
  assert.equal(summary(["7.3"]), "Linux 7.3");
  assert.equal(summary([]), "no kernel");
  assert.ok(releaseOrder("7.0", "7") === 0 && releaseOrder("7.10", "7.9") > 0);
});

test("a task's command line", () => {
  const task = { type: "scx-lsp" };
  assert.deepEqual(checkArguments(task, []), ["check", "--", "."]);
  assert.deepEqual(checkArguments(task, ["7.1", "7.3"]), ["check", "--kernel", "7.1,7.3", "--", "."]);
  const own = { ...task, kernel: "6.12", files: ["-a.bpf.c", "b"] };
  assert.deepEqual(checkArguments(own, ["7.1"]), ["check", "--kernel", "6.12", "--", "-a.bpf.c", "b"]);
});

test("an object's verdicts are a table, each finding is said once", () => {
  const finding = {
    rule: "kfunc-context",
    severity: "error",
    file: "a.bpf.c",
    range: { start: { line: 3, column: 2 } },
    message: "no",
    notes: ["why"],
  };
  const on = (name: string, kernel: string, verdict: string, run: string, findings = [finding]) => ({
    name,
    context: "ops.enqueue",
    kernel,
    verdict,
    run,
    findings,
  });
  const programs = [
    on("a_enqueue", "6.12", "accepted", "aborted"),
    on("a_enqueue", "7.3", "refused", "ok"),
    on("b", "7.3", "accepted", "ok", []),
  ];
  const text = renderVerify({
    kernels: ["6.12", "7.3"],
    objects: [{ file: "a.bpf.o", license: "GPL", programs }],
    asked: [
      {
        file: "a.bpf.o",
        judgements: [
          {
            kernel: "7.3.4",
            verdicts: [{ program: "a_enqueue", refused: true, message: "not allowed" }, { program: "b" }],
          },
          { kernel: "6.12.1", notJudged: "does not boot" },
        ],
      },
    ],
  });
  assert.equal(
    text,
    `a.bpf.o  (license GPL)

program                 6.12     7.3
a_enqueue  ops.enqueue  aborted  refused
b  ops.enqueue                   accepted

a.bpf.c:3:2: error: no [kfunc-context]
  why

a.bpf.o, asked of real kernels

7.3.4: a_enqueue: refused: not allowed
7.3.4: b: accepted
6.12.1: not judged: does not boot
`,
  );
});

test("the status is for people", () => {
  const status = {
    version: "1.0",
    kernels: ["7.3"],
    workspace: [],
    sources: 1,
    headers: 2,
    configuration: [],
  };
  const text = renderStatus({ ...status, clangd: true, errors: 3, warnings: 4, memory: 5 << 20 });
  assert.match(
    text,
    /kernels: 7\.3\n.*none\n.*none\n.*1 sources, 2 headers\n.*3 errors, 4 warnings\n.*yes\n.*5 MiB/,
  );
});

test("what may sleep is no wrong call by itself", () => {
  const verdicts = ["allowed", "refused", "aborted", "missing", "sleepable", "unknown"];
  assert.deepEqual(verdicts.filter(isBad), ["refused", "aborted", "missing"]);
});
