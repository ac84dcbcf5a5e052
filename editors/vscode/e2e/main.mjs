// Drives the packed extension in a real VS Code as a user would; see ./run.
// usage: main.mjs EXTENSION.vsix EXTENSION-WITHOUT-SERVER.vsix SERVER EXAMPLES OBJECT ARTEFACTS
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scheduler } from "./scheduler.mjs";
import { untrusted } from "./untrusted.mjs";
import { views } from "./views.mjs";
import { open } from "./vscode.mjs";

const [bundled, bare, program, examples, object, artefacts] = process.argv.slice(2);
mkdirSync(artefacts, { recursive: true });
const only = process.env.SCX_LSP_E2E ? new RegExp(process.env.SCX_LSP_E2E) : undefined;
let failed = 0;

/** session opens VS Code on a copy of the examples and takes the steps in order. */
async function session({ prepare, steps, ...options }) {
  const folder = mkdtempSync(join(tmpdir(), "scx-ws-"));
  let code;
  try {
    cpSync(examples, folder, { recursive: true });
    copyFileSync(object, join(folder, "built.bpf.o"));
    prepare?.({ folder, program });
    code = await open({ folder, artefacts, ...options });
    for (const [name, step] of Object.entries(steps)) {
      await take(name, code, () => step(code, { folder, program }));
    }
    await take("nothing was asked of other hosts", code, () => {
      if (code.outside.size > 0) {
        throw new Error([...code.outside].join(" "));
      }
    });
  } finally {
    await code?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function take(name, code, step) {
  if (only && !only.test(name)) {
    return;
  }
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1).padStart(6)}s`;
  try {
    await step();
    console.log(`ok   ${seconds()} ${name}`);
  } catch (err) {
    failed++;
    console.log(`FAIL ${seconds()} ${name}\n${err.stack ?? err}`);
    const file = `failed-${name.replace(/\W+/g, "-")}`;
    await code?.picture(file).catch(() => {});
    writeFileSync(join(artefacts, `${file}.log`), code?.log() ?? "");
    await code?.press("Escape", "Escape").catch(() => {});
  }
}

await views((name, step) => take(name, undefined, step));
await session({ vsix: bundled, file: "eager.bpf.c", ...scheduler });
await session({ vsix: bare, file: "eager.bpf.c", ...untrusted });
console.log(failed === 0 ? "all passed" : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
