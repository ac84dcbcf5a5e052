// Wiring only.
import * as vscode from "vscode";
import { isOurs } from "./active";
import {
  explainRule,
  guarded,
  openSample,
  selectKernels,
  showStatus,
  verifyObject,
  verifyOnKernel,
} from "./commands";
import { needsRestart, section } from "./config";
import { Context } from "./context";
import { isBPF } from "./documents";
import { Panels } from "./panel";
import { Status } from "./status";
import { registerTasks } from "./tasks";
import { showCallGraph, showMatrix } from "./views";

let context: Context | undefined;

export function activate(extension: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("scx-lsp", { log: true });
  const ctx = new Context(extension.extensionPath, output);
  context = ctx;
  const panels = new Panels(extension.extensionUri);
  const status = new Status(ctx);
  extension.subscriptions.push(output, ctx, panels, status, registerTasks(ctx));
  extension.subscriptions.push(...watch(ctx, panels, status), ...register(extension, ctx, panels));
  vscode.workspace.textDocuments.forEach((d) => consider(ctx, d));
}

export function deactivate(): Promise<void> | undefined {
  return context?.stop();
}

/** consider starts the server: the extension wakes up for every C file, the server only for schedulers. */
function consider(ctx: Context, document: vscode.TextDocument): void {
  if (isOurs(document)) {
    void (isBPF(document.uri.path) ? ctx.start() : ctx.include(document.uri.fsPath));
  }
}

function watch(ctx: Context, panels: Panels, status: Status): vscode.Disposable[] {
  return [
    vscode.workspace.onDidOpenTextDocument((d) => consider(ctx, d)),
    vscode.workspace.onDidSaveTextDocument((d) => {
      consider(ctx, d);
      panels.refresh();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (ctx.running) {
        void ctx.restart();
      } else {
        vscode.workspace.textDocuments.forEach((d) => consider(ctx, d));
      }
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (needsRestart(change)) {
        void ctx.restart();
      } else if (change.affectsConfiguration(section) && ctx.running) {
        void status.refresh();
        panels.refresh();
      }
    }),
  ];
}

function register(extension: vscode.ExtensionContext, ctx: Context, panels: Panels): vscode.Disposable[] {
  const command = (id: string, run: (...args: unknown[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, guarded(ctx, run));
  return [
    command("scxLsp.selectKernels", () => selectKernels(ctx)),
    command("scxLsp.showMatrix", () => showMatrix(ctx, panels)),
    command("scxLsp.showCallGraph", () => showCallGraph(ctx, panels)),
    command("scxLsp.explainRule", (rule) => explainRule(ctx, rule)),
    command("scxLsp.verifyObject", (object) => verifyObject(ctx, object)),
    command("scxLsp.verifyOnKernel", (object) => verifyOnKernel(ctx, object)),
    command("scxLsp.showStatus", () => showStatus(ctx)),
    command("scxLsp.openSample", () => openSample(extension)),
    command("scxLsp.restart", () => ctx.restart()),
    vscode.commands.registerCommand("scxLsp.showOutput", () => ctx.output.show()),
  ];
}
