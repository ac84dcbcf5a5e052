// The scheduler that the user looks at.
import * as vscode from "vscode";
import { isBPF, looksLikeScheduler } from "./documents";

/** isOurs tells whether a document is for us. */
export function isOurs(document: vscode.TextDocument): boolean {
  return (
    document.uri.scheme === "file" &&
    (isBPF(document.uri.path) ||
      ((document.languageId === "c" || document.languageId === "cpp") &&
        looksLikeScheduler(document.getText())))
  );
}

/** activeSource is the active editor's, or one that is visible beside a view. */
export function activeSource(): vscode.TextDocument | undefined {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  return editors.find((e) => e !== undefined && isOurs(e.document))?.document;
}

/** findings are what the server said of a document. */
export function findings(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((d) => d.source === "scx-lsp");
}

/** ruleOf is the id of the rule that made a finding. */
export function ruleOf(diagnostic: vscode.Diagnostic): string | undefined {
  const { code } = diagnostic;
  if (typeof code === "object") {
    return String(code.value);
  }
  return code === undefined ? undefined : String(code);
}
