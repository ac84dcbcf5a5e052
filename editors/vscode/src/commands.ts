// The commands that ask something first.
import * as vscode from "vscode";
import { findings, ruleOf } from "./active";
import * as config from "./config";
import type { Context } from "./context";
import { choices } from "./kernels";
import { message } from "./panel";
import { commands, type Kernels } from "./protocol";
import { renderStatus, renderVerify, type ServerStatus, type VerifyReport } from "./report";

export async function selectKernels(ctx: Context): Promise<void> {
  const kernels = await ctx.ask<Kernels>(commands.kernels);
  const reset = {
    label: "Default",
    description: "what the server or the project's file says",
    spec: "",
    picked: false,
  };
  const picked = await vscode.window.showQuickPick([reset, ...choices(kernels)], {
    canPickMany: true,
    title: "scx-lsp: kernels to check against",
    placeHolder: "Releases that the scheduler must run on",
  });
  if (picked === undefined) {
    return;
  }
  const specs = picked.some((p) => p.spec === "") ? [] : picked.map((p) => p.spec);
  await ctx.ask<Kernels>(commands.selectKernels, specs.join(","));
  await config.writeKernels(specs); // so that it holds the next time as well
}

/** explainRule shows the page of a rule: the given one, or one of those that found something. */
export async function explainRule(ctx: Context, rule?: unknown): Promise<void> {
  const id = typeof rule === "string" ? rule : await chooseRule();
  if (id) {
    await ctx.ask(commands.explain, id); // the server opens its page
  }
}

async function chooseRule(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const found = editor ? findings(editor.document.uri) : [];
  const here = found.find((d) => editor?.selection.active && d.range.contains(editor.selection.active));
  if (here && ruleOf(here)) {
    return ruleOf(here);
  }
  const all = vscode.languages.getDiagnostics().flatMap(([uri]) => findings(uri));
  const rules = [...new Set(all.flatMap((d) => ruleOf(d) ?? []))].sort();
  if (rules.length > 0) {
    return vscode.window.showQuickPick(rules, { title: "scx-lsp: explain a rule" });
  }
  return vscode.window.showInputBox({ title: "scx-lsp: explain a rule", value: "kfunc-context" });
}

/** verifyObject asks which kernels would load a compiled object. */
export async function verifyObject(ctx: Context, object: unknown): Promise<void> {
  const uri = object instanceof vscode.Uri ? object : await chooseObject();
  if (uri !== undefined) {
    await showText(renderVerify(await ctx.ask<VerifyReport>(commands.verifyObject, { uri: uri.toString() })));
  }
}

/** verifyOnKernel has real kernels judge an object. */
export async function verifyOnKernel(ctx: Context, object: unknown): Promise<void> {
  const uri = object instanceof vscode.Uri ? object : await chooseObject();
  const kernels = uri && (await chooseImages());
  if (kernels !== undefined) {
    const argument = { uri: uri!.toString(), kernels };
    await showText(renderVerify(await ctx.ask<VerifyReport>(commands.verifyOn, argument)));
  }
}

async function chooseImages(): Promise<string[] | undefined> {
  const files = "Kernel images…";
  const items = [
    { label: files, description: "booted in QEMU", spec: "" },
    { label: "Installed kernels", description: "those of this machine, booted in QEMU", spec: "installed" },
    { label: "The running kernel", description: "needs root", spec: "running" },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: "scx-lsp: ask which kernels?" });
  if (picked?.label !== files) {
    return picked && [picked.spec];
  }
  const images = await vscode.window.showOpenDialog({ canSelectMany: true, title: "Kernel images" });
  return images?.map((i) => i.fsPath);
}

async function chooseObject(): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles("**/*.bpf.o", undefined, 200);
  const items = found
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  if (items.length > 0) {
    return (await vscode.window.showQuickPick(items, { title: "scx-lsp: verify which object?" }))?.uri;
  }
  const chosen = await vscode.window.showOpenDialog({
    filters: { "BPF objects": ["o"] },
    title: "A compiled scheduler",
  });
  return chosen?.[0];
}

export async function showStatus(ctx: Context): Promise<void> {
  await showText(renderStatus(await ctx.ask<ServerStatus>(commands.status)));
}

/** showText opens an answer of the server's as a document of its own. */
async function showText(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content, language: "plaintext" });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** openSample opens a wrong scheduler to play with; what was changed in it is kept. */
export async function openSample(extension: vscode.ExtensionContext): Promise<void> {
  const sample = vscode.Uri.joinPath(extension.globalStorageUri, "sample.bpf.c");
  try {
    await vscode.workspace.fs.stat(sample);
  } catch {
    const original = vscode.Uri.joinPath(extension.extensionUri, "media", "sample", "sample.bpf.c");
    await vscode.workspace.fs.createDirectory(extension.globalStorageUri);
    await vscode.workspace.fs.copy(original, sample);
  }
  await vscode.window.showTextDocument(sample);
}

/** guarded tells the user why a command did nothing. */
export function guarded(
  ctx: Context,
  run: (...args: unknown[]) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args);
    } catch (err) {
      ctx.output.error(message(err));
      void vscode.window.showErrorMessage(`scx-lsp: ${message(err)}`);
    }
  };
}
