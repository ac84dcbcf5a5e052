// Wiring only.
import * as vscode from "vscode";
import { needsRestart } from "./config";
import { Context } from "./context";
import { isBPF } from "./documents";

let context: Context | undefined;

export function activate(extension: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("scx-lsp", { log: true });
  const ctx = new Context(extension.extensionPath, output);
  context = ctx;

  // The extension wakes up for every C file; the server only for BPF.
  const consider = (document: vscode.TextDocument): void => {
    if (document.uri.scheme === "file" && isBPF(document.uri.path)) {
      void ctx.start();
    }
  };
  extension.subscriptions.push(
    output,
    ctx,
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (ctx.running) {
        void ctx.restart();
      } else {
        vscode.workspace.textDocuments.forEach(consider);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (needsRestart(change)) {
        void ctx.restart();
      }
    }),
    vscode.commands.registerCommand("scxLsp.restart", () => ctx.restart()),
    vscode.commands.registerCommand("scxLsp.showOutput", () => output.show()),
  );
  vscode.workspace.textDocuments.forEach(consider);
}

export function deactivate(): Promise<void> | undefined {
  return context?.stop();
}
