// The command line of a task. Pure.

export interface CheckTask {
  type: string;
  command?: string;
  /** What to check; the folder when empty. */
  files?: string[];
  /** A kernel spec; the settings' when empty. */
  kernel?: string;
}

export function checkArguments(task: CheckTask, kernels: string[]): string[] {
  const kernel = task.kernel || kernels.join(",");
  const files = task.files?.length ? task.files : ["."];
  return ["check", ...(kernel ? ["--kernel", kernel] : []), "--", ...files];
}
