// Where the server is. Pure: the caller says what the world looks like.
import * as path from "node:path";

export interface World {
  /** The setting scxLsp.server.path, "" when unset. */
  configured: string;
  /** Whether the user trusts the workspace, which may have set it. */
  trusted: boolean;
  /** The folder that the extension is installed in. */
  extensionPath: string;
  workspaceFolder?: string | undefined;
  home: string;
  /** The environment's PATH. */
  searchPath: string;
  platform: NodeJS.Platform;
  isExecutable(file: string): boolean;
}

export type ServerPath =
  | { found: true; file: string; origin: "setting" | "extension" | "PATH" }
  | { found: false; reason: string };

/**
 * findServer looks at the setting, then into the extension, then along PATH. A
 * setting that points nowhere is an error rather than a reason to look on: the
 * user meant that program and no other.
 */
export function findServer(world: World): ServerPath {
  const setting = world.configured.trim();
  if (setting !== "" && world.trusted) {
    const file = expand(setting, world);
    if (world.isExecutable(file)) {
      return { found: true, file, origin: "setting" };
    }
    return { found: false, reason: `scxLsp.server.path is ${file}, which is no program.` };
  }
  const name = world.platform === "win32" ? "scx-lsp.exe" : "scx-lsp";
  const bundled = path.join(world.extensionPath, "bin", name);
  if (world.isExecutable(bundled)) {
    return { found: true, file: bundled, origin: "extension" };
  }
  const delimiter = world.platform === "win32" ? ";" : ":";
  for (const dir of world.searchPath.split(delimiter)) {
    // An empty or relative entry of PATH means the current folder: a workspace
    // must not be able to bring its own server.
    if (path.isAbsolute(dir) && world.isExecutable(path.join(dir, name))) {
      return { found: true, file: path.join(dir, name), origin: "PATH" };
    }
  }
  if (setting !== "") {
    return {
      found: false,
      reason: `scxLsp.server.path is ignored until you trust the workspace, and PATH holds no ${name}.`,
    };
  }
  return { found: false, reason: `The extension brought no server, and PATH holds no ${name}.` };
}

/** expand gives an absolute path for a setting. */
export function expand(setting: string, world: Pick<World, "home" | "workspaceFolder">): string {
  let file = setting;
  if (file === "~" || file.startsWith("~/")) {
    file = path.join(world.home, file.slice(1));
  }
  const folder = world.workspaceFolder ?? "";
  file = file.replaceAll("${workspaceFolder}", folder).replaceAll("${userHome}", world.home);
  return path.isAbsolute(file) ? file : path.join(folder, file);
}
