// The only file that reads settings.
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

/** serverOptions are the settings that the server itself knows. */
export function serverOptions(): Pick<Config, "kernels" | "completion"> {
  const { kernels, completion } = read();
  return { kernels, completion };
}
