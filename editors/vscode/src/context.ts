// Owns the language client: one server at most, started, restarted, stopped.
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  LSPErrorCodes,
  ResponseError,
  type ServerOptions,
} from "vscode-languageclient/node";
import * as config from "./config";
import { Crashes } from "./crashes";
import { exactly, pattern } from "./documents";
import { explainMissing } from "./install";
import { findServer, type ServerPath } from "./server-path";

export type State = "stopped" | "starting" | "running";

export class Context implements vscode.Disposable {
  private client: LanguageClient | undefined;
  /** Starts and stops queue up here, so that there are never two servers. */
  private queue: Promise<void> = Promise.resolve();
  private readonly stateChanged = new vscode.EventEmitter<State>();
  readonly onState = this.stateChanged.event;
  private crashes = new Crashes();
  /** Schedulers whose names do not say so. */
  private readonly others = new Set<string>();

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

  /** include starts the server for a scheduler that the pattern does not match. */
  include(path: string): Promise<void> {
    if (this.others.has(path)) {
      return this.start();
    }
    this.others.add(path);
    return this.restart(); // a client's selector is fixed once it runs
  }

  restart(): Promise<void> {
    return this.enqueue(async () => {
      this.crashes = new Crashes();
      await this.halt();
      await this.launch();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.halt());
  }

  dispose(): void {
    void this.stop();
    this.stateChanged.dispose();
  }

  get running(): boolean {
    return this.client !== undefined;
  }

  /** server finds the program without running it. */
  server(): ServerPath {
    return findServer({
      configured: config.read().serverPath,
      trusted: vscode.workspace.isTrusted,
      extensionPath: this.extensionPath,
      workspaceFolder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
      home: homedir(),
      env: process.env,
      platform: process.platform,
      isExecutable,
    });
  }

  /** ask runs a command of the server's; it rejects when there is no server. */
  async ask<T>(command: string, ...args: unknown[]): Promise<T> {
    await this.start();
    const client = this.client;
    if (client === undefined) {
      throw new Error("the server is not running");
    }
    for (let tries = 1; ; tries++) {
      try {
        return await client.sendRequest<T>("workspace/executeCommand", { command, arguments: args });
      } catch (err) {
        // What was typed meanwhile makes an answer stale.
        if (!(err instanceof ResponseError && err.code === LSPErrorCodes.ServerCancelled) || tries === 10) {
          throw err;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  private enqueue(job: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(job).catch((err: unknown) => this.output.error(String(err)));
    return this.queue;
  }

  private async launch(): Promise<void> {
    const server = this.server();
    if (!server.found) {
      this.output.error(server.reason);
      void explainMissing(server, () => this.restart());
      return;
    }
    this.output.info(`server: ${server.file} (${server.origin})`);
    const args = vscode.workspace.isTrusted ? config.read().serverArguments : [];
    // No transport: the client would add --stdio, which is what we do anyway.
    const run: ServerOptions = { command: server.file, args: ["serve", ...args] };
    const client = new LanguageClient(config.section, "scx-lsp", run, this.clientOptions());
    this.client = client;
    this.stateChanged.fire("starting");
    try {
      await client.start();
      this.stateChanged.fire("running");
    } catch (err) {
      this.client = undefined;
      this.stateChanged.fire("stopped");
      this.output.error(String(err));
      void vscode.window.showErrorMessage(`scx-lsp: ${server.file} does not start. ${String(err)}`);
    }
  }

  private async halt(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client !== undefined) {
      // One that has died already cannot be asked to shut down.
      await client.dispose().catch((err: unknown) => this.output.warn(String(err)));
      this.stateChanged.fire("stopped");
    }
  }

  private clientOptions(): LanguageClientOptions {
    const others = [...this.others].map((path) => ({ scheme: "file", pattern: exactly(path) }));
    return {
      documentSelector: [{ scheme: "file", pattern }, ...others],
      outputChannel: this.output,
      initializationOptions: config.serverOptions,
      synchronize: { configurationSection: config.section },
      errorHandler: this.errorHandler(),
    };
  }

  private errorHandler(): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        const again = this.crashes.add(Date.now());
        this.stateChanged.fire(again ? "running" : "stopped");
        void this.tellCrash(again);
        return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private async tellCrash(again: boolean): Promise<void> {
    const log = "Show Log";
    const restart = "Restart";
    const chosen = again
      ? await vscode.window.showWarningMessage(
          "scx-lsp: the server ended unexpectedly. It is started again.",
          log,
        )
      : await vscode.window.showErrorMessage(
          "scx-lsp: the server ended unexpectedly, time and again. It stays off.",
          restart,
          log,
        );
    if (chosen === log) {
      this.output.show();
    } else if (chosen === restart) {
      await this.restart();
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
