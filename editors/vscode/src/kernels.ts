// The choice of kernels. Pure.
import type { Kernels } from "./protocol";

export interface Choice {
  label: string;
  description: string;
  spec: string;
  picked: boolean;
}

/** releaseOrder compares releases as numbers: 6.9 comes before 6.12. */
export function releaseOrder(a: string, b: string): number {
  const [as, bs] = [a, b].map((r) => r.split(".").map(Number));
  for (let i = 0; i < Math.max(as!.length, bs!.length); i++) {
    const difference = (as![i] ?? 0) - (bs![i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** choices are the known kernels, newest first; those that are checked now are picked. */
export function choices(kernels: Kernels): Choice[] {
  const chosen = new Set(kernels.releases);
  const byRelease = new Map(kernels.known.map((k) => [k.release, k.build]));
  return [...byRelease]
    .sort(([a], [b]) => releaseOrder(b, a))
    .map(([release, build]) => ({
      label: `Linux ${release}`,
      description: build === release ? "" : build,
      spec: release,
      picked: chosen.has(release),
    }));
}

/** summary says for which releases the sources are judged. */
export function summary(releases: string[]): string {
  const sorted = [...releases].sort(releaseOrder);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) {
    return "no kernel";
  }
  return first === last ? `Linux ${first}` : `Linux ${first}–${last}`;
}
