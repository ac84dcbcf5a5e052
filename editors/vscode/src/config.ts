// The only file that reads and writes settings.
import * as vscode from "vscode";

export const section = "scxLsp";

export interface Config {
  serverPath: string;
  serverArguments: string[];
  kernels: string[];
  completion: string;
}

export function read(): Config {
  const config = vscode.workspace.getConfiguration(section);
  return {
    serverPath: config.get<string>("server.path", ""),
    serverArguments: config.get<string[]>("server.arguments", []),
    kernels: config.get<string[]>("kernels", []),
    completion: config.get<string>("completion", "auto"),
  };
}

/** needsRestart tells whether a change touches what a running server cannot take over. */
export function needsRestart(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${section}.server`);
}

/** serverOptions are what the server itself wants to know. */
export function serverOptions(): Pick<Config, "kernels" | "completion"> & { trusted: boolean } {
  const { kernels, completion } = read();
  return { kernels, completion, trusted: vscode.workspace.isTrusted };
}

/** writeKernels keeps the choice with the workspace, or with the user where there is none. */
export function writeKernels(kernels: string[]): Thenable<void> {
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  const value = kernels.length > 0 ? kernels : undefined;
  return vscode.workspace.getConfiguration(section).update("kernels", value, target);
}
