import assert from "node:assert/strict";
import { test } from "node:test";
import { expand, findServer, type World } from "../src/server-path";

function world(change: Partial<World>, ...programs: string[]): World {
  return {
    configured: "",
    trusted: true,
    extensionPath: "/ext",
    workspaceFolder: "/ws",
    home: "/home/me",
    env: { PATH: "/usr/bin:/opt/bin" },
    platform: "linux",
    isExecutable: (file) => programs.includes(file),
    ...change,
  };
}

test("the setting wins", () => {
  const w = world({ configured: "/x/scx-lsp" }, "/x/scx-lsp", "/ext/bin/scx-lsp", "/usr/bin/scx-lsp");
  assert.deepEqual(findServer(w), { found: true, file: "/x/scx-lsp", origin: "setting" });
});

test("a setting that points nowhere is said, not passed over", () => {
  const result = findServer(world({ configured: "/x/scx-lsp" }, "/ext/bin/scx-lsp"));
  assert.ok(!result.found && result.reason.includes("/x/scx-lsp"));
});

test("an untrusted workspace cannot choose the program", () => {
  const w = world({ configured: "/ws/evil", trusted: false }, "/ws/evil", "/opt/bin/scx-lsp");
  assert.deepEqual(findServer(w), { found: true, file: "/opt/bin/scx-lsp", origin: "PATH" });
  const alone = findServer(world({ configured: "/ws/evil", trusted: false }, "/ws/evil"));
  assert.ok(!alone.found && alone.reason.includes("trust"));
  const hidden = findServer(world({ trusted: false }));
  assert.ok(!hidden.found && hidden.reason.includes("trust"), "VS Code keeps the setting from us");
});

test("the extension's own comes before PATH", () => {
  const w = world({}, "/ext/bin/scx-lsp", "/usr/bin/scx-lsp");
  assert.deepEqual(findServer(w), { found: true, file: "/ext/bin/scx-lsp", origin: "extension" });
});

test("PATH is searched in order, without the current folder", () => {
  const w = world(
    { env: { PATH: ":.:bin:/opt/bin:/usr/bin" } },
    "scx-lsp",
    "bin/scx-lsp",
    "/usr/bin/scx-lsp",
    "/opt/bin/scx-lsp",
  );
  assert.deepEqual(findServer(w), { found: true, file: "/opt/bin/scx-lsp", origin: "PATH" });
});

test("Windows has its own name and separator", () => {
  const w = world({ platform: "win32", env: { PATH: "/a;/b" } }, "/b/scx-lsp.exe");
  assert.deepEqual(findServer(w), { found: true, file: "/b/scx-lsp.exe", origin: "PATH" });
});

test("nothing found is explained; go install is offered where there is a go", () => {
  const result = findServer(world({}));
  assert.ok(
    !result.found && result.reason.includes("PATH") && !result.reason.includes("trust") && !result.canInstall,
  );
  const withGo = findServer(world({}, "/usr/bin/go"));
  assert.ok(!withGo.found && withGo.canInstall);
});

test("what go install made is found last", () => {
  const installed = "/home/me/go/bin/scx-lsp";
  assert.deepEqual(findServer(world({}, installed)), { found: true, file: installed, origin: "go install" });
  const both = findServer(world({}, installed, "/usr/bin/scx-lsp"));
  assert.ok(both.found && both.origin === "PATH");
  for (const env of [{ GOBIN: "/gobin" }, { GOPATH: "/one:/two" }]) {
    const file = env.GOBIN ? "/gobin/scx-lsp" : "/one/bin/scx-lsp";
    assert.deepEqual(findServer(world({ env }, file)), { found: true, file, origin: "go install" });
  }
  // Relative ones would be the workspace's.
  assert.ok(!findServer(world({ env: { GOBIN: "bin", GOPATH: "." } }, "bin/scx-lsp")).found);
});

test("settings are expanded", () => {
  const w = { home: "/home/me", workspaceFolder: "/ws" };
  assert.equal(expand("~/bin/scx-lsp", w), "/home/me/bin/scx-lsp");
  assert.equal(expand("${workspaceFolder}/scx-lsp", w), "/ws/scx-lsp");
  assert.equal(expand("${userHome}/scx-lsp", w), "/home/me/scx-lsp");
  assert.equal(expand("bin/scx-lsp", w), "/ws/bin/scx-lsp");
  assert.equal(expand("~other/scx-lsp", w), "/ws/~other/scx-lsp");
});
