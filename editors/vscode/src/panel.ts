// A webview panel that shows what a command of the server answered.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { renderPage } from "./html";
import type { Place } from "./protocol";

/** What a view may say to us. */
export type FromView =
  | { type: "ready" }
  | { type: "open"; place: Place }
  | { type: "kernel"; kernel: string };

export interface View {
  /** Names the view, its script and its type. */
  name: "matrix" | "graph";
  title: string;
  /** load gets what to show, for a kernel that the user chose in the view. */
  load(kernel: string | undefined): Promise<unknown>;
}

export class Panels implements vscode.Disposable {
  private readonly open = new Map<string, { panel: vscode.WebviewPanel; refresh: () => Promise<void> }>();

  constructor(private readonly extensionUri: vscode.Uri) {}

  /** show opens a view, or brings up the one of its title. */
  async show(view: View): Promise<void> {
    const shown = this.open.get(view.title);
    if (shown !== undefined) {
      shown.panel.reveal();
      await shown.refresh();
      return;
    }
    const panel = this.create(view);
    let kernel: string | undefined;
    const refresh = async (): Promise<void> => {
      try {
        const data = await view.load(kernel);
        await panel.webview.postMessage({ type: "data", data });
      } catch (err) {
        await panel.webview.postMessage({ type: "error", message: message(err) });
      }
    };
    this.open.set(view.title, { panel, refresh });
    panel.onDidDispose(() => this.open.delete(view.title));
    panel.webview.onDidReceiveMessage(async (m: FromView) => {
      if (m.type === "open") {
        await openPlace(m.place);
        return;
      }
      if (m.type === "kernel") {
        kernel = m.kernel || undefined;
      }
      await refresh();
    });
    panel.webview.html = this.page(panel.webview, view);
  }

  /** refresh asks again for what every open view shows. */
  refresh(): void {
    for (const { panel, refresh } of this.open.values()) {
      if (panel.visible) {
        void refresh();
      }
    }
  }

  dispose(): void {
    for (const { panel } of this.open.values()) {
      panel.dispose();
    }
  }

  private create(view: View): vscode.WebviewPanel {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    return vscode.window.createWebviewPanel(`scxLsp.${view.name}`, view.title, where, {
      enableScripts: true,
      enableFindWidget: true,
      retainContextWhenHidden: false,
      localResourceRoots: [
        vscode.Uri.joinPath(this.extensionUri, "dist"),
        vscode.Uri.joinPath(this.extensionUri, "media"),
      ],
    });
  }

  private page(webview: vscode.Webview, view: View): string {
    const local = (...at: string[]): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extensionUri, ...at)).toString();
    return renderPage({
      title: view.title,
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString("base64url"),
      script: local("dist", `${view.name}.js`),
      style: local("media", "view.css"),
    });
  }
}

export function message(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}

/** openPlace shows a place of a source beside the view. */
export async function openPlace(place: Place): Promise<void> {
  if (place.uri === undefined) {
    return;
  }
  const { start, end } = place.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), {
    selection,
    viewColumn: vscode.ViewColumn.One,
  });
}
