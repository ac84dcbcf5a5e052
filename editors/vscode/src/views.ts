// The matrix of ops members and kfuncs, and the call graph.
import * as vscode from "vscode";
import type { Context } from "./context";
import { activeSource } from "./active";
import type { Panels } from "./panel";
import { commands, type Graph, type Kernels, type Matrix } from "./protocol";

export async function showMatrix(ctx: Context, panels: Panels): Promise<void> {
  const document = activeSource();
  const uri = document?.uri.toString();
  await panels.show({
    name: "matrix",
    title: document ? `Kfunc Matrix: ${name(document)}` : "Kfunc Matrix",
    load: async (kernel) => {
      const kernels = await ctx.ask<Kernels>(commands.kernels);
      const matrix = await ctx.ask<Matrix>(commands.matrix, {
        ...(uri && { uri }),
        ...(kernel && { kernel }),
      });
      return { matrix, known: kernels.known.map((k) => k.release) };
    },
  });
}

export async function showCallGraph(ctx: Context, panels: Panels): Promise<void> {
  const document = activeSource();
  if (document === undefined) {
    void vscode.window.showInformationMessage("scx-lsp: open a scheduler (*.bpf.c) to see its call graph.");
    return;
  }
  const uri = document.uri.toString();
  await panels.show({
    name: "graph",
    title: `Call Graph: ${name(document)}`,
    load: () => ctx.ask<Graph>(commands.callGraph, { uri }),
  });
}

function name(document: vscode.TextDocument): string {
  return document.uri.path.slice(document.uri.path.lastIndexOf("/") + 1);
}
