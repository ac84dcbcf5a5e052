// Which documents are ours. Pure.

/** The glob of the document selector. */
export const pattern = "**/*.{bpf.c,bpf.h}";

/** isBPF tells whether a path matches the pattern. */
export function isBPF(path: string): boolean {
  return path.endsWith(".bpf.c") || path.endsWith(".bpf.h");
}

// A table of sched_ext, or a program for a member of one. Calls alone are not
// enough: the user-space half of a scheduler is C as well.
const scheduler =
  /\bstruct\s+sched_ext_ops\w*\s+\w+\s*=|\bSEC\s*\(\s*"\.?struct_ops|\bBPF_STRUCT_OPS(_SLEEPABLE)?\s*\(|\bSCX_OPS_DEFINE\s*\(/;

/** looksLikeScheduler tells whether a C text that is named otherwise is one. */
export function looksLikeScheduler(text: string): boolean {
  return scheduler.test(text);
}

/** exactly gives a glob that matches one path and no other. */
export function exactly(path: string): string {
  return path.replace(/[[\]{}*?!]/g, (c) => `[${c}]`);
}
