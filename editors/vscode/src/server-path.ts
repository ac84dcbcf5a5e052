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
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  isExecutable(file: string): boolean;
}

export type Origin = "setting" | "extension" | "PATH" | "go install";

export type ServerPath =
  | { found: true; file: string; origin: Origin }
  | { found: false; reason: string; canInstall: boolean };

/**
 * findServer looks at the setting, then into the extension, along PATH, and where
 * go install puts programs. A setting that points nowhere is an error rather than
 * a reason to look on: the user meant that program and no other.
 */
export function findServer(world: World): ServerPath {
  const setting = world.configured.trim();
  if (setting !== "" && world.trusted) {
    const file = expand(setting, world);
    if (world.isExecutable(file)) {
      return { found: true, file, origin: "setting" };
    }
    return { found: false, reason: `scxLsp.server.path is ${file}, which is no program.`, canInstall: false };
  }
  const name = executable("scx-lsp", world);
  const bundled = path.join(world.extensionPath, "bin", name);
  if (world.isExecutable(bundled)) {
    return { found: true, file: bundled, origin: "extension" };
  }
  const onPath = search(name, world);
  if (onPath !== undefined) {
    return { found: true, file: onPath, origin: "PATH" };
  }
  const installed = path.join(goBin(world), name);
  if (world.isExecutable(installed)) {
    return { found: true, file: installed, origin: "go install" };
  }
  // Without trust VS Code does not even say whether the workspace has a setting.
  const ignored = world.trusted
    ? ""
    : "The workspace's own scxLsp.server.path is ignored until you trust the workspace. ";
  const reason = `${ignored}The extension brought no server, and neither PATH nor ${goBin(world)} holds ${name}.`;
  return { found: false, reason, canInstall: search(executable("go", world), world) !== undefined };
}

function executable(name: string, world: World): string {
  return world.platform === "win32" ? `${name}.exe` : name;
}

/** search looks along PATH. */
function search(name: string, world: World): string | undefined {
  const delimiter = world.platform === "win32" ? ";" : ":";
  for (const dir of (world.env["PATH"] ?? "").split(delimiter)) {
    // An empty or relative entry of PATH means the current folder: a workspace
    // must not be able to bring its own server.
    if (path.isAbsolute(dir) && world.isExecutable(path.join(dir, name))) {
      return path.join(dir, name);
    }
  }
  return undefined;
}

/** goBin is where go install puts programs ("go help install"). */
function goBin(world: World): string {
  const gobin = world.env["GOBIN"] ?? "";
  if (path.isAbsolute(gobin)) {
    return gobin;
  }
  const delimiter = world.platform === "win32" ? ";" : ":";
  const gopath = (world.env["GOPATH"] ?? "").split(delimiter)[0] ?? "";
  return path.join(path.isAbsolute(gopath) ? gopath : path.join(world.home, "go"), "bin");
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
