// package.json and the code must agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isBPF, pattern } from "../src/documents";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { markdownDescription?: string; scope?: string }> };
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
};
const sources = ["config.ts", "context.ts", "extension.ts"]
  .map((f) => readFileSync(`src/${f}`, "utf8"))
  .join("\n");

test("every command is registered", () => {
  for (const { command } of manifest.contributes.commands) {
    assert.ok(sources.includes(`registerCommand("${command}"`), command);
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
