// The matrix of ops members and kfuncs: a grid that one walks with the arrow keys.
import { isBad, type Matrix, type MatrixRow, type Use, type Verdict } from "../protocol";
import { api, element, listen, openPlace, view } from "./dom";

interface Data {
  matrix: Matrix;
  known: string[];
}

const signs: Record<Verdict, string> = {
  allowed: "✓",
  refused: "✗",
  aborted: "!",
  missing: "–",
  sleepable: "z",
  unknown: "?",
};

const meanings: Record<Verdict, string> = {
  allowed: "allowed",
  refused: "refused when the scheduler is loaded",
  aborted: "loads; sched_ext throws the scheduler out when it calls",
  missing: "not in this kernel",
  sleepable: "only from a program that may sleep",
  unknown: "not known",
};

let data: Data | undefined;
let filter = "";
let usedOnly = false;

function show(next: Data): void {
  const first = data === undefined;
  data = next;
  usedOnly = first ? next.matrix.used.length > 0 : usedOnly;
  view().replaceChildren(
    controls(next),
    legend(),
    element("div", { class: "grid-frame", id: "frame" }),
    detail(),
  );
  fill();
}

function controls({ matrix, known }: Data): HTMLElement {
  const kernels = element("select", { id: "kernel", "aria-label": "Kernel" });
  const all = new Set([...matrix.releases, ...known, matrix.kernel]);
  for (const release of [...all].filter(Boolean)) {
    kernels.append(element("option", { value: release }, `Linux ${release}`));
  }
  kernels.value = matrix.kernel;
  kernels.addEventListener("change", () => api.postMessage({ type: "kernel", kernel: kernels.value }));
  const search = element("input", {
    id: "filter",
    type: "search",
    placeholder: "Filter kfuncs",
    "aria-label": "Filter kfuncs",
  });
  search.value = filter;
  search.addEventListener("input", () => {
    filter = search.value;
    fill();
  });
  const used = element("input", { id: "used", type: "checkbox" });
  used.checked = usedOnly;
  used.addEventListener("change", () => {
    usedOnly = used.checked;
    fill();
  });
  const label = element("label", {}, used, " called here only");
  return element(
    "div",
    { class: "controls" },
    kernels,
    search,
    label,
    element("span", { id: "count", role: "status" }),
  );
}

function legend(): HTMLElement {
  const list = element("p", { class: "legend" });
  for (const verdict of Object.keys(signs) as Verdict[]) {
    list.append(
      element("span", {}, element("b", { class: `v-${verdict}` }, signs[verdict]), ` ${meanings[verdict]}`),
    );
  }
  return list;
}

function detail(): HTMLElement {
  return element("p", { id: "detail", role: "status", "aria-live": "polite" });
}

function rows(): MatrixRow[] {
  const { matrix } = data!;
  const used = new Set(matrix.used.map((u) => u.kfunc));
  const wanted = filter.trim().toLowerCase();
  return matrix.kfuncs.filter(
    (k) => (!usedOnly || used.has(k.name)) && k.name.toLowerCase().includes(wanted),
  );
}

function fill(): void {
  const { matrix } = data!;
  const shown = rows();
  const table = element("table", {
    role: "grid",
    "aria-label": `What Linux ${matrix.kernel} allows`,
    id: "grid",
  });
  table.append(element("thead", {}, headRow(matrix.members)));
  const body = element("tbody");
  shown.forEach((row) => body.append(bodyRow(row)));
  table.append(body);
  table.addEventListener("keydown", walk);
  table.addEventListener("focusin", (event) => describe(event.target as HTMLElement));
  document.getElementById("frame")?.replaceChildren(table);
  const count = document.getElementById("count");
  if (count) {
    count.textContent = `${shown.length} of ${matrix.kfuncs.length} kfuncs`;
  }
  // One stop for the Tab key; from there, the arrows.
  (table.querySelector(".v-bad-use") ?? table.querySelector("td"))?.setAttribute("tabindex", "0");
}

function headRow(members: string[]): HTMLElement {
  const row = element("tr", {}, element("th", { scope: "col", class: "corner" }, "kfunc"));
  for (const member of members) {
    row.append(element("th", { scope: "col" }, element("span", {}, member)));
  }
  return row;
}

function bodyRow(row: MatrixRow): HTMLElement {
  const head = element("th", { scope: "row" }, row.name);
  const span = lifetime(row);
  if (span !== "") {
    head.append(element("small", {}, ` ${span}`));
  }
  const tr = element("tr", {}, head);
  data!.matrix.members.forEach((member, i) => tr.append(cell(row, member, i)));
  return tr;
}

function lifetime(row: MatrixRow): string {
  return [row.since && `since ${row.since}`, row.removed && `gone in ${row.removed}`]
    .filter(Boolean)
    .join(", ");
}

function cell(row: MatrixRow, member: string, i: number): HTMLElement {
  const { verdict, who } = row.cells[i] ?? { verdict: "unknown" as const };
  const uses = usesOf(row.name, member);
  const bad = uses.length > 0 && isBad(verdict);
  const called = uses.length > 0 ? `; called here${uses.length > 1 ? ` ${uses.length} times` : ""}` : "";
  const text = `${row.name} in ${member}: ${meanings[verdict]}${who ? ` (${who})` : ""}${called}`;
  const classes = [`v-${verdict}`, uses.length > 0 ? "used" : "", bad ? "v-bad-use" : ""]
    .filter(Boolean)
    .join(" ");
  const td = element(
    "td",
    { class: classes, tabindex: "-1", title: text, "aria-label": text },
    signs[verdict] ?? "?",
  );
  if (uses[0]) {
    td.addEventListener("click", () => openPlace(uses[0]!));
  }
  return td;
}

function usesOf(kfunc: string, member: string): Use[] {
  return data!.matrix.used.filter((u) => u.kfunc === kfunc && u.member === member);
}

function describe(target: HTMLElement): void {
  const line = document.getElementById("detail");
  if (line && target.title) {
    line.textContent = target.title;
  }
}

/** walk moves the focus as in a spreadsheet; Enter goes to the call. */
function walk(event: KeyboardEvent): void {
  const from = (event.target as HTMLElement).closest("td");
  const row = from?.parentElement as HTMLTableRowElement | null | undefined;
  const body = row?.parentElement as HTMLTableSectionElement | null | undefined;
  if (!from || !row || !body) {
    return;
  }
  let [r, c] = [row.sectionRowIndex, from.cellIndex];
  switch (event.key) {
    case "ArrowRight":
      c++;
      break;
    case "ArrowLeft":
      c--;
      break;
    case "ArrowDown":
      r++;
      break;
    case "ArrowUp":
      r--;
      break;
    case "Home":
      c = 1;
      break;
    case "End":
      c = row.cells.length - 1;
      break;
    case "PageDown":
      r = Math.min(r + 10, body.rows.length - 1);
      break;
    case "PageUp":
      r = Math.max(r - 10, 0);
      break;
    case "Enter":
    case " ":
      from.click();
      event.preventDefault();
      return;
    default:
      return;
  }
  event.preventDefault();
  const to = c >= 1 ? body.rows[r]?.cells[c] : undefined;
  if (to) {
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
}

listen(show);
