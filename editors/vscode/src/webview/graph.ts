// The call graph: boxes that one walks with the arrow keys, wrong calls in red.
import { type Graph, type GraphEdge, type GraphNode, isBad } from "../protocol";
import { api, element, listen, openPlace, svg, view } from "./dom";
import { type Box, boxHeight, layout, type Layout } from "./layout";

let graph: Graph = { nodes: [], edges: [] };
let plan: Layout | undefined;
let badOnly = false;

function isWrong(edge: GraphEdge): boolean {
  return isBad(edge.verdict) || edge.verdict === "sleepable";
}

function show(next: Graph): void {
  graph = next;
  render();
}

function render(): void {
  const wrong = graph.edges.filter(isWrong);
  const shown = badOnly && wrong.length > 0 ? leadingTo(wrong) : graph;
  plan = layout(shown, (n) => 16 + 7.3 * n.name.length);
  const picture = drawing(plan);
  picture.addEventListener("keydown", (e) => walk(e as KeyboardEvent));
  picture.addEventListener("focusin", (e) => describe((e.target as Element).getAttribute("data-id") ?? ""));
  view().replaceChildren(
    controls(wrong.length),
    violations(wrong),
    element("div", { class: "graph-frame" }, picture),
    element("p", { id: "detail", role: "status", "aria-live": "polite" }),
  );
  picture.querySelector(".node")?.setAttribute("tabindex", "0");
}

function controls(wrong: number): HTMLElement {
  const only = element("input", { id: "bad-only", type: "checkbox" });
  only.checked = badOnly;
  only.disabled = wrong === 0;
  only.addEventListener("change", () => {
    badOnly = only.checked;
    render();
    document.getElementById("bad-only")?.focus();
  });
  const refresh = element("button", { id: "refresh" }, "Refresh");
  refresh.addEventListener("click", () => api.postMessage({ type: "ready" }));
  const count = `${graph.nodes.length} functions, ${wrong} wrong ${wrong === 1 ? "call" : "calls"}`;
  return element(
    "div",
    { class: "controls" },
    element("span", { id: "count", role: "status" }, count),
    element("label", {}, only, " only what leads to wrong calls"),
    refresh,
  );
}

function violations(wrong: GraphEdge[]): HTMLElement {
  const list = element("ul", { class: "violations", "aria-label": "Wrong calls" });
  for (const edge of wrong) {
    const text = edge.message ?? `${nameOf(edge.from)} calls ${nameOf(edge.to)}: ${edge.verdict}`;
    const button = element("button", { class: "link" }, text);
    button.addEventListener("click", () => openEdge(edge));
    list.append(element("li", {}, button));
  }
  return list;
}

function openEdge(edge: GraphEdge): void {
  const from = graph.nodes.find((n) => n.id === edge.from);
  openPlace({
    ...(from?.uri && { uri: from.uri }),
    ...((edge.range ?? from?.range) && { range: edge.range ?? from!.range! }),
  });
}

/** leadingTo keeps the callers, near and far, of wrong calls. */
function leadingTo(wrong: GraphEdge[]): Graph {
  const keep = new Set(wrong.map((e) => e.from));
  for (let grew = true; grew; ) {
    const before = keep.size;
    graph.edges.filter((e) => keep.has(e.to)).forEach((e) => keep.add(e.from));
    grew = keep.size > before;
  }
  const edges = graph.edges.filter((e) => wrong.includes(e) || (keep.has(e.from) && keep.has(e.to)));
  wrong.forEach((e) => keep.add(e.to));
  return { nodes: graph.nodes.filter((n) => keep.has(n.id)), edges };
}

function drawing({ boxes, edges, width, height }: Layout): Element {
  const picture = svg("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "group",
    "aria-label": "Call graph",
    id: "graph",
  });
  for (const edge of edges) {
    picture.append(line(edge, boxes.get(edge.from)!, boxes.get(edge.to)!));
  }
  for (const box of boxes.values()) {
    picture.append(drawBox(box, edges));
  }
  return picture;
}

function line(edge: GraphEdge, from: Box, to: Box): Element {
  const [x1, y1] = [from.x + from.width, from.y + boxHeight / 2];
  const [x2, y2] = [to.x, to.y + boxHeight / 2];
  const bend = Math.max(30, Math.abs(x2 - x1) / 2);
  const path = svg("path", {
    class: isWrong(edge) ? "edge bad" : `edge edge-${edge.kind}`,
    d: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`,
  });
  path.append(svg("title", {}, edge.message ?? `${from.node.name} → ${to.node.name}`));
  return path;
}

function drawBox({ node, x, y, width }: Box, edges: GraphEdge[]): Element {
  const bad = edges.some((e) => isWrong(e) && (e.to === node.id || e.from === node.id));
  const g = svg("g", {
    class: `node node-${node.kind}${bad ? " bad" : ""}`,
    tabindex: -1,
    role: "button",
    "data-id": node.id,
    "aria-label": description(node),
  });
  g.append(
    svg("rect", { x, y, width, height: boxHeight, rx: node.kind === "kfunc" ? 12 : 3 }),
    svg("text", { x: x + 8, y: y + boxHeight / 2 + 4 }, node.name),
    svg("title", {}, description(node)),
  );
  g.addEventListener("click", () => openPlace(node));
  return g;
}

const kinds: Record<GraphNode["kind"], string> = {
  op: "ops member",
  program: "program",
  function: "function",
  kfunc: "kfunc",
};

function nameOf(id: string): string {
  return graph.nodes.find((n) => n.id === id)?.name ?? id;
}

function description(node: GraphNode): string {
  const calls = [...new Set(graph.edges.filter((e) => e.from === node.id).map((e) => nameOf(e.to)))];
  const wrong = graph.edges
    .filter((e) => e.to === node.id && isWrong(e))
    .map((e) => e.message ?? `${e.verdict}`);
  const parts = [`${kinds[node.kind] ?? node.kind} ${node.name}`];
  if (calls.length > 0) {
    parts.push(`calls ${calls.join(", ")}`);
  }
  return [...parts, ...new Set(wrong)].join("; ");
}

function describe(id: string): void {
  const node = graph.nodes.find((n) => n.id === id);
  const line = document.getElementById("detail");
  if (node && line) {
    line.textContent = description(node);
  }
}

/** walk: right to a callee, left to a caller, up and down in the layer, Enter to the source. */
function walk(event: KeyboardEvent): void {
  const from = (event.target as Element).closest(".node");
  const box = plan?.boxes.get(from?.getAttribute("data-id") ?? "");
  if (!from || !box || !plan) {
    return;
  }
  const { node } = box;
  let to: Box | undefined;
  switch (event.key) {
    case "ArrowRight":
      to = nearest(
        plan.edges.filter((e) => e.from === node.id).map((e) => e.to),
        box,
      );
      break;
    case "ArrowLeft":
      to = nearest(
        plan.edges.filter((e) => e.to === node.id).map((e) => e.from),
        box,
      );
      break;
    case "ArrowDown":
      to = neighbour(box, 1);
      break;
    case "ArrowUp":
      to = neighbour(box, -1);
      break;
    case "Enter":
    case " ":
      openPlace(node);
      event.preventDefault();
      return;
    default:
      return;
  }
  event.preventDefault();
  const target =
    to && [...document.querySelectorAll(".node")].find((n) => n.getAttribute("data-id") === to.node.id);
  if (target) {
    from.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    (target as SVGElement).focus();
  }
}

function nearest(ids: string[], from: Box): Box | undefined {
  return ids
    .flatMap((id) => plan?.boxes.get(id) ?? [])
    .sort((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y))[0];
}

function neighbour(from: Box, step: number): Box | undefined {
  return [...plan!.boxes.values()].find((b) => b.layer === from.layer && b.row === from.row + step);
}

listen(show);
