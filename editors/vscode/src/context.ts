// Owns the language client: one server at most, started, restarted, stopped.
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import * as config from "./config";
import { pattern } from "./documents";
import { findServer, type ServerPath } from "./server-path";

export class Context implements vscode.Disposable {
  private client: LanguageClient | undefined;
  /** Starts and stops queue up here, so that there are never two servers. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly extensionPath: string,
    readonly output: vscode.LogOutputChannel,
  ) {}

  /** start runs the server unless it runs already. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      if (this.client === undefined) {
        await this.launch();
      }
    });
  }

  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.halt();
      await this.launch();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.halt());
  }

  dispose(): void {
    void this.stop();
  }

  get running(): boolean {
    return this.client !== undefined;
  }

  private enqueue(job: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(job).catch((err: unknown) => this.output.error(String(err)));
    return this.queue;
  }

  private async launch(): Promise<void> {
    const settings = config.read();
    const server = this.find(settings.serverPath);
    if (!server.found) {
      this.output.error(server.reason);
      void this.explainMissing(server.reason);
      return;
    }
    this.output.info(`server: ${server.file} (${server.origin})`);
    const args = vscode.workspace.isTrusted ? settings.serverArguments : [];
    // No transport: the client would add --stdio, which is what we do anyway.
    const run: ServerOptions = { command: server.file, args: ["serve", ...args] };
    const client = new LanguageClient(config.section, "scx-lsp", run, this.clientOptions());
    this.client = client;
    try {
      await client.start();
    } catch (err) {
      this.client = undefined;
      this.output.error(String(err));
      void vscode.window.showErrorMessage(`scx-lsp: ${server.file} does not start. ${String(err)}`);
    }
  }

  private async halt(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client !== undefined) {
      await client.dispose();
    }
  }

  private find(configured: string): ServerPath {
    return findServer({
      configured,
      trusted: vscode.workspace.isTrusted,
      extensionPath: this.extensionPath,
      workspaceFolder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
      home: homedir(),
      searchPath: process.env["PATH"] ?? "",
      platform: process.platform,
      isExecutable,
    });
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file", pattern }],
      outputChannel: this.output,
      initializationOptions: config.serverOptions,
      synchronize: { configurationSection: config.section },
    };
  }

  private async explainMissing(reason: string): Promise<void> {
    const settings = "Open Settings";
    const chosen = await vscode.window.showErrorMessage(
      `scx-lsp: no server. ${reason} Install it with "go install github.com/scx-lsp/scx-lsp/cmd/scx-lsp@latest" or set scxLsp.server.path.`,
      settings,
    );
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "scxLsp.server.path");
    }
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
