// What to do when there is no server.
import * as vscode from "vscode";
import type { ServerPath } from "./server-path";

export const module = "github.com/scx-lsp/scx-lsp/cmd/scx-lsp@latest";

/** explainMissing says that there is no server, and offers what can be done about it. */
export async function explainMissing(
  server: Extract<ServerPath, { found: false }>,
  installed: () => Promise<void>,
): Promise<void> {
  const install = "Run go install";
  const settings = "Open Settings";
  // An untrusted workspace gets the text only: go reads the workspace's go.env and toolchain lines.
  const choices = server.canInstall && vscode.workspace.isTrusted ? [install, settings] : [settings];
  const chosen = await vscode.window.showErrorMessage(
    `scx-lsp: no server. ${server.reason} Install it with "go install ${module}" or set scxLsp.server.path.`,
    ...choices,
  );
  if (chosen === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "scxLsp.server.path");
  } else if (chosen === install && (await goInstall()) === 0) {
    await installed();
  }
}

/** goInstall runs go where the user sees it, and gives its exit code. */
async function goInstall(): Promise<number | undefined> {
  const task = new vscode.Task(
    { type: "scx-lsp", command: "install" },
    vscode.TaskScope.Global,
    "install the server",
    "scx-lsp",
    new vscode.ProcessExecution("go", ["install", module]),
  );
  const ended = new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution.task.name === task.name && event.execution.task.source === task.source) {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}
