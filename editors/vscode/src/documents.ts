// Which documents are ours. Pure.

/** The glob of the document selector. */
export const pattern = "**/*.{bpf.c,bpf.h}";

/** isBPF tells whether a path matches the pattern. */
export function isBPF(path: string): boolean {
  return path.endsWith(".bpf.c") || path.endsWith(".bpf.h");
}
