// Bundles the extension for node, and the views for the browser.
import { build } from "esbuild";

const common = { bundle: true, minify: true, sourcemap: true, logLevel: "warning" };
await build({
  ...common,
  entryPoints: ["src/extension.ts"],
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  outfile: "dist/extension.js",
});
await build({
  ...common,
  entryPoints: ["src/webview/matrix.ts", "src/webview/graph.ts"],
  platform: "browser",
  target: "chrome120",
  format: "iife",
  outdir: "dist",
});
