// Where the boxes of a call graph go: callers left, callees right. Pure.
import type { Graph, GraphEdge, GraphNode } from "../protocol";

export interface Box {
  node: GraphNode;
  layer: number;
  /** The place in the layer, from the top. */
  row: number;
  x: number;
  y: number;
  width: number;
}

export interface Layout {
  boxes: Map<string, Box>;
  edges: GraphEdge[];
  width: number;
  height: number;
}

export const rowHeight = 34;
export const boxHeight = 24;
const gap = 70;
const margin = 12;

export function layout(graph: Graph, textWidth: (node: GraphNode) => number): Layout {
  const known = new Set(graph.nodes.map((n) => n.id));
  const edges = graph.edges.filter((e) => known.has(e.from) && known.has(e.to));
  const columns = ordered(graph.nodes, layers(graph.nodes, edges), edges);
  const boxes = new Map<string, Box>();
  let x = margin;
  columns.forEach((column, layer) => {
    const width = Math.max(40, ...column.map(textWidth));
    column.forEach((node, row) => {
      boxes.set(node.id, { node, layer, row, x, y: margin + row * rowHeight, width });
    });
    x += width + gap;
  });
  const height = 2 * margin + Math.max(1, ...columns.map((c) => c.length)) * rowHeight;
  return { boxes, edges, width: Math.max(x - gap + margin, 2 * margin), height };
}

/** layers puts each node one right of its last caller; kfuncs, which call nothing, into the last layer. */
function layers(nodes: GraphNode[], edges: GraphEdge[]): Map<string, number> {
  const order = new Map(callersFirst(nodes, edges).map((id, i) => [id, i]));
  // What leads back, in a recursion, has no say in where things are.
  const forward = edges
    .filter((e) => order.get(e.from)! < order.get(e.to)!)
    .sort((a, b) => order.get(a.from)! - order.get(b.from)!);
  const at = new Map<string, number>(nodes.map((n) => [n.id, 0]));
  for (const { from, to } of forward) {
    at.set(to, Math.max(at.get(to)!, at.get(from)! + 1));
  }
  const last = Math.max(0, ...at.values());
  nodes.filter((n) => n.kind === "kfunc").forEach((n) => at.set(n.id, last));
  return at;
}

/** callersFirst is a topological order, as far as there is one. It does not recurse: a chain may be long. */
function callersFirst(nodes: GraphNode[], edges: GraphEdge[]): string[] {
  const callees = new Map<string, string[]>(nodes.map((n) => [n.id, []]));
  edges.forEach((e) => callees.get(e.from)!.push(e.to));
  const seen = new Set<string>();
  const done: string[] = [];
  for (const { id } of nodes) {
    const stack: { id: string; next: number }[] = seen.has(id) ? [] : [{ id, next: 0 }];
    seen.add(id);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const callee = callees.get(top.id)![top.next++];
      if (callee === undefined) {
        done.push(top.id);
        stack.pop();
      } else if (!seen.has(callee)) {
        seen.add(callee);
        stack.push({ id: callee, next: 0 });
      }
    }
  }
  return done.reverse();
}

/** ordered sorts each layer by where its callers are, so that fewer lines cross. */
function ordered(nodes: GraphNode[], at: Map<string, number>, edges: GraphEdge[]): GraphNode[][] {
  const columns: GraphNode[][] = Array.from({ length: 1 + Math.max(0, ...at.values()) }, () => []);
  nodes.forEach((n) => columns[at.get(n.id)!]!.push(n));
  const callers = new Map<string, string[]>(nodes.map((n) => [n.id, []]));
  edges.forEach((e) => callers.get(e.to)!.push(e.from));
  const rows = new Map<string, number>();
  for (const column of columns) {
    const weight = new Map(column.map((n, i) => [n.id, mean(callers.get(n.id)!, rows) ?? i]));
    column.sort((a, b) => weight.get(a.id)! - weight.get(b.id)!);
    column.forEach((n, i) => rows.set(n.id, i));
  }
  return columns;
}

/** mean is that of the rows of callers that have been placed. */
function mean(callers: string[], rows: Map<string, number>): number | undefined {
  const placed = callers.flatMap((c) => rows.get(c) ?? []);
  return placed.length > 0 ? placed.reduce((a, b) => a + b) / placed.length : undefined;
}
