// The language status: for which kernels a source is judged, and the verdict.
import * as vscode from "vscode";
import { findings } from "./active";
import type { Context, State } from "./context";
import { pattern } from "./documents";
import { summary } from "./kernels";
import { commands, type Kernels } from "./protocol";

export class Status implements vscode.Disposable {
  private readonly target = vscode.languages.createLanguageStatusItem("scxLsp.target", { pattern });
  private readonly verdict = vscode.languages.createLanguageStatusItem("scxLsp.verdict", { pattern });
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly ctx: Context) {
    this.target.name = "scx-lsp: kernels";
    this.target.command = { command: "scxLsp.selectKernels", title: "Select" };
    this.verdict.name = "scx-lsp: verdict";
    this.verdict.command = { command: "workbench.actions.view.problems", title: "Problems" };
    this.listeners = [
      ctx.onState((state) => void this.show(state)),
      vscode.languages.onDidChangeDiagnostics(() => this.judge()),
      vscode.window.onDidChangeActiveTextEditor(() => this.judge()),
    ];
    void this.show("stopped");
  }

  /** refresh asks the server which kernels it checks against. */
  async refresh(): Promise<void> {
    try {
      const kernels = await this.ctx.ask<Kernels>(commands.kernels);
      this.target.text = summary(kernels.releases);
      this.target.detail = kernels.releases.length > 1 ? `${kernels.releases.length} releases` : "";
    } catch (err) {
      this.ctx.output.warn(`kernels: ${String(err)}`);
    }
    this.judge();
  }

  dispose(): void {
    [this.target, this.verdict, ...this.listeners].forEach((d) => d.dispose());
  }

  private async show(state: State): Promise<void> {
    this.target.busy = state === "starting";
    if (state === "running") {
      await this.refresh();
      return;
    }
    this.target.text = state === "starting" ? "starting" : "server is not running";
    this.verdict.text = "no verdict";
    this.verdict.severity = vscode.LanguageStatusSeverity.Information;
  }

  private judge(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !this.ctx.running) {
      return;
    }
    const found = findings(editor.document.uri);
    const errors = found.filter((d) => d.severity === vscode.DiagnosticSeverity.Error).length;
    this.verdict.text =
      found.length === 0 ? "no problems" : `${errors} errors, ${found.length - errors} warnings`;
    this.verdict.severity =
      errors > 0
        ? vscode.LanguageStatusSeverity.Error
        : found.length > 0
          ? vscode.LanguageStatusSeverity.Warning
          : vscode.LanguageStatusSeverity.Information;
  }
}
