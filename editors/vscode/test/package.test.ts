// package.json and the code must agree.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { commands } from "../src/protocol";
import { exactly, isBPF, looksLikeScheduler, pattern } from "../src/documents";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands: { command: string; category: string }[];
    menus: Record<string, { command: string; when: string }[]>;
    problemMatchers: { pattern: { regexp: string } }[];
    walkthroughs: { steps: { description: string; media: { markdown: string } }[] }[];
    configuration: { properties: Record<string, { markdownDescription?: string; scope?: string }> };
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
};
const sources = readdirSync("src")
  .filter((f) => f.endsWith(".ts"))
  .map((f) => readFileSync(`src/${f}`, "utf8"))
  .join("\n");
const registered = new Set(
  [...sources.matchAll(/\b(?:command|registerCommand)\("(scxLsp\.\w+)"/g)].map((m) => m[1]),
);

test("the commands of the manifest are those that are registered", () => {
  const contributed = new Set(manifest.contributes.commands.map((c) => c.command));
  assert.deepEqual(registered, contributed);
});

test("no command of ours has the name of one that the language client registers for the server", () => {
  const server: string[] = Object.values(commands);
  manifest.contributes.commands.forEach((c) => assert.ok(!server.includes(c.command), c.command));
});

test("menus and walkthroughs name commands and files that there are", () => {
  const used = Object.values(manifest.contributes.menus).flatMap((items) => items.map((i) => i.command));
  for (const step of manifest.contributes.walkthroughs.flatMap((w) => w.steps)) {
    assert.ok(existsSync(step.media.markdown), step.media.markdown);
    used.push(...[...step.description.matchAll(/\(command:([\w.]+)\)/g)].map((m) => m[1]!));
  }
  assert.ok(used.length > 4);
  used.forEach((command) => assert.ok(registered.has(command), command));
});

test("the problem matcher reads what scx-lsp check prints", () => {
  const line = new RegExp(manifest.contributes.problemMatchers[0]!.pattern.regexp);
  const found = line.exec("a b/c.bpf.c:32:3: error: x is not allowed [see y] [kfunc-context]");
  assert.deepEqual(found?.slice(1), [
    "a b/c.bpf.c",
    "32",
    "3",
    "error",
    "x is not allowed [see y]",
    "kfunc-context",
  ]);
  for (const other of [
    "   32 | \t\tscx_bpf_x(SHARED_DSQ); // a:1:2: error: b [c]",
    "  note: Linux 7.3 refuses to load the program",
    "examples/eager.bpf.c:27:2: note: eager_enqueue calls pull",
    "3 files, Linux 7.3: 5 errors, 0 warnings",
  ]) {
    assert.ok(!line.test(other), other);
  }
});

test("every setting is documented and read", () => {
  for (const [name, setting] of Object.entries(manifest.contributes.configuration.properties)) {
    assert.ok(setting.markdownDescription, name);
    // trace.server is read by the language client itself.
    const short = name.replace("scxLsp.", "");
    assert.ok(short === "trace.server" || sources.includes(`"${short}"`), name);
  }
});

test("what an untrusted workspace could run is restricted", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, "limited");
  for (const [name, setting] of Object.entries(manifest.contributes.configuration.properties)) {
    assert.equal(restrictedConfigurations.includes(name), name.startsWith("scxLsp.server."), name);
    assert.equal(setting.scope === "machine-overridable", name.startsWith("scxLsp.server."), name);
  }
});

test("the types are those of the oldest VS Code that is allowed", () => {
  assert.equal(manifest.engines.vscode, "^" + manifest.devDependencies["@types/vscode"]);
});

test("the lock file names no host", () => {
  assert.ok(!readFileSync("package-lock.json", "utf8").includes('"resolved"'));
});

test("documents", () => {
  assert.equal(pattern, "**/*.{bpf.c,bpf.h}");
  assert.ok(isBPF("/ws/scx_simple.bpf.c") && isBPF("/ws/common.bpf.h"));
  assert.ok(!isBPF("/ws/main.c") && !isBPF("/ws/bpf.c.txt"));
});

test("schedulers are known by their content, and their paths match themselves only", () => {
  for (const text of [
    "struct sched_ext_ops ops = {",
    'SEC(".struct_ops.link")\nstruct x y;',
    'SEC("struct_ops.s/init")',
    "void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p)",
    "SCX_OPS_DEFINE(simple_ops,",
  ]) {
    assert.ok(looksLikeScheduler(text), text);
  }
  for (const text of [
    "int main(void) {}",
    "struct sched_ext_ops *ops;",
    "skel->struct_ops.simple_ops->flags = 1;",
  ]) {
    assert.ok(!looksLikeScheduler(text), text);
  }
  assert.equal(exactly("/a/[x]/b*.c"), "/a/[[]x[]]/b[*].c");
});
