// What the server's commands take and give; see docs/commands.md. Pure.

export const commands = {
  kernels: "scx-lsp.kernels",
  selectKernels: "scx-lsp.selectKernels",
  matrix: "scx-lsp.matrix",
  callGraph: "scx-lsp.callGraph",
  verifyObject: "scx-lsp.verifyObject",
  verifyOn: "scx-lsp.verifyOn",
  explain: "scx-lsp.explain",
  status: "scx-lsp.status",
} as const;

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** A place in a source, as far as it is known. */
export interface Place {
  uri?: string;
  range?: Range;
}

export interface Kernel {
  release: string;
  build: string;
}

export interface Kernels {
  known: Kernel[];
  /** The spec that was asked for; empty for the default. */
  selected: string;
  /** The releases that the spec stands for. */
  releases: string[];
}

export type Verdict = "allowed" | "refused" | "aborted" | "missing" | "sleepable" | "unknown";

export interface Cell {
  verdict: Verdict;
  who?: string;
}

export interface MatrixRow {
  name: string;
  /** One for each member. */
  cells: Cell[];
  since?: string;
  removed?: string;
}

export interface Use extends Place {
  kfunc: string;
  member: string;
}

export interface Matrix {
  kernel: string;
  releases: string[];
  members: string[];
  kfuncs: MatrixRow[];
  used: Use[];
}

export interface GraphNode extends Place {
  id: string;
  name: string;
  kind: "op" | "program" | "function" | "kfunc";
}

export interface GraphEdge {
  from: string;
  to: string;
  kind: string;
  range?: Range;
  verdict?: string;
  message?: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/**
 * isBad tells whether a kernel would not have a call: at load, or when it runs. A
 * sleepable kfunc is a matter of how the program is declared: no cell of the matrix
 * can tell.
 */
export function isBad(verdict: string | undefined): boolean {
  return verdict === "refused" || verdict === "aborted" || verdict === "missing";
}
