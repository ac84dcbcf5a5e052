// Tasks of type "scx-lsp": the check of a whole workspace, as CI would run it.
import * as vscode from "vscode";
import * as config from "./config";
import type { Context } from "./context";
import { checkArguments, type CheckTask } from "./check-arguments";

const type = "scx-lsp";

export function registerTasks(ctx: Context): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(type, {
    provideTasks: () =>
      (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => {
        const task = makeTask(ctx, { type, command: "check" }, folder);
        return task ? [task] : [];
      }),
    resolveTask: (task) => {
      const { definition, scope } = task;
      const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
      return makeTask(ctx, definition as CheckTask, folder);
    },
  });
}

function makeTask(
  ctx: Context,
  definition: CheckTask,
  folder: vscode.WorkspaceFolder | undefined,
): vscode.Task | undefined {
  const server = ctx.server();
  if (!server.found || folder === undefined || definition.command !== "check") {
    return undefined;
  }
  const args = checkArguments(definition, config.read().kernels);
  const run = new vscode.ProcessExecution(server.file, args, { cwd: folder.uri.fsPath });
  const task = new vscode.Task(definition, folder, "check", type, run, ["$scx-lsp"]);
  task.group = vscode.TaskGroup.Build;
  // What it finds is in the Problems view; the terminal need not cover that.
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Never };
  task.detail = `scx-lsp ${args.join(" ")}`;
  return task;
}
