// A folder that nobody trusts brings a program and a setting that names it.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./vscode.mjs";

const marker = (folder) => join(folder, "was-run");

function prepare({ folder, program }) {
  const evil = join(folder, "evil");
  writeFileSync(evil, `#!/bin/sh\ntouch '${marker(folder)}'\nexec '${program}' "$@"\n`, { mode: 0o755 });
  mkdirSync(join(folder, ".vscode"), { recursive: true });
  const settings = { "scxLsp.server.path": "${workspaceFolder}/evil" };
  writeFileSync(join(folder, ".vscode/settings.json"), JSON.stringify(settings));
}

const steps = {
  "without trust the folder's program is not run, and the message says why": async (code, { folder }) => {
    await code.notification("is ignored until you trust the workspace");
    await code.picture("untrusted");
    assert.ok(!existsSync(marker(folder)), "the program of the folder was run");
    assert.equal(await code.squiggles(), 0);
    await code.command("Notifications: Clear All Notifications");
  },

  "with trust it is": async (code, { folder }) => {
    await code.command("Workspaces: Manage Workspace Trust");
    await code.page.getByRole("button", { name: "Trust", exact: true }).first().click();
    await until("the program to be run", () => existsSync(marker(folder)));
    await code.command("View: Close Editor"); // that of the trust
    await code.goTo(22, 1);
    await until("a squiggle", async () => (await code.squiggles()) > 0);
  },
};

export const untrusted = {
  prepare,
  steps,
  trust: true,
  settings: { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" },
  // No server on PATH, and none that go install made: the home is fresh.
  env: { PATH: "/usr/bin:/bin", GOBIN: "", GOPATH: "" },
};
