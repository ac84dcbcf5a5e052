// What the server answers about objects and itself, as text. Pure.

interface Finding {
  rule: string;
  severity: string;
  file: string;
  range: { start: { line: number; column?: number } };
  message: string;
  notes?: string[];
}

interface Program {
  name: string;
  context: string;
  kernel: string;
  verdict: string;
  run: string;
  reason?: string;
  findings: Finding[];
}

interface Judgement {
  kernel: string;
  notJudged?: string;
  verdicts?: { program: string; refused?: boolean; notJudged?: string; message?: string }[];
  refusals?: string[];
}

/** What "scx-lsp verify --format json" prints; see docs/object.md. */
export interface VerifyReport {
  kernels: string[];
  objects: { file: string; license: string; programs: Program[] }[];
  /** What booted kernels said. */
  asked?: { file: string; judgements: Judgement[] }[];
}

export interface ServerStatus {
  version: string;
  kernels: string[];
  workspace: string[];
  sources: number;
  headers: number;
  configuration: string[];
  clangd: boolean;
  errors: number;
  warnings: number;
  memory: number;
}

export function renderVerify(report: VerifyReport): string {
  const parts = report.objects.map((o) => {
    const findings = o.programs.flatMap((p) => p.findings).map(renderFinding);
    const title = `${o.file}  (license ${o.license || "unknown"})`;
    return [title, "", ...table(o.programs, report.kernels), "", ...new Set(findings)].join("\n").trimEnd();
  });
  for (const { file, judgements } of report.asked ?? []) {
    parts.push([`${file}, asked of real kernels`, "", ...judgements.flatMap(renderJudgement)].join("\n"));
  }
  return parts.join("\n\n") + "\n";
}

/** table has a row for a program in a context, and a column for each kernel. */
function table(programs: Program[], kernels: string[]): string[] {
  const rows = new Map<string, Map<string, string>>();
  for (const p of programs) {
    const key = `${p.name}  ${p.context}`;
    rows.set(key, (rows.get(key) ?? new Map<string, string>()).set(p.kernel, outcome(p)));
  }
  const cells = [["program", ...kernels]];
  rows.forEach((row, key) => cells.push([key, ...kernels.map((k) => row.get(k) ?? "")]));
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}

function outcome(p: Program): string {
  return p.verdict === "accepted" && p.run !== "ok" ? p.run : p.verdict;
}

function renderFinding(f: Finding): string {
  const { line, column } = f.range.start;
  const notes = (f.notes ?? []).map((n) => `\n  ${n}`).join("");
  return `${f.file}:${line}:${column ?? 1}: ${f.severity}: ${f.message} [${f.rule}]${notes}`;
}

function renderJudgement(j: Judgement): string[] {
  if (j.notJudged) {
    return [`${j.kernel}: not judged: ${j.notJudged}`];
  }
  const lines = (j.verdicts ?? []).map((v) => {
    const verdict = v.notJudged
      ? `not judged: ${v.notJudged}`
      : v.refused
        ? `refused: ${v.message ?? ""}`
        : "accepted";
    return `${j.kernel}: ${v.program}: ${verdict}`;
  });
  return [...lines, ...(j.refusals ?? []).map((r) => `${j.kernel}: ${r}`)];
}

export function renderStatus(s: ServerStatus): string {
  return [
    `scx-lsp ${s.version}`,
    `kernels: ${s.kernels.join(", ")}`,
    `workspace: ${s.workspace.join(", ") || "none"}`,
    `configuration: ${s.configuration.join(", ") || "none"}`,
    `files: ${s.sources} sources, ${s.headers} headers`,
    `findings: ${s.errors} errors, ${s.warnings} warnings`,
    `clangd beside us: ${s.clangd ? "yes" : "no"}`,
    `memory: ${(s.memory / (1 << 20)).toFixed(0)} MiB`,
    "",
  ].join("\n");
}
