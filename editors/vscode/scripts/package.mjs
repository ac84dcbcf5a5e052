// Packs a VSIX: node scripts/package.mjs [--target linux-x64] [--server PATH]
// With --server the program is put into the extension (for that target).
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { target: { type: "string" }, server: { type: "string" }, out: { type: "string" } },
});
rmSync("bin", { recursive: true, force: true });
if (values.server) {
  const name = values.target?.startsWith("win32") ? "bin/scx-lsp.exe" : "bin/scx-lsp";
  mkdirSync("bin");
  copyFileSync(values.server, name);
  chmodSync(name, 0o755);
}
const args = ["package", "--no-dependencies", "--out", values.out ?? "scx-lsp.vsix"];
if (values.target) {
  args.push("--target", values.target);
}
const run = spawnSync("node_modules/.bin/vsce", args, { stdio: "inherit" });
rmSync("bin", { recursive: true, force: true });
process.exit(run.status ?? 1);
