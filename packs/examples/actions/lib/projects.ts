import { readFile } from "node:fs/promises";

/** A row of data/projects.tsv. */
export interface Project {
  readonly name: string;
  readonly id: string;
}

/** A row of data/usage.tsv. */
export interface Usage {
  readonly month: string;
  readonly builds: number;
  readonly cpuHours: number;
  readonly storageGb: number;
}

/** In the order of the file. */
export async function readProjects(): Promise<Project[]> {
  return (await rows("projects.tsv")).map(([name = "", id = ""]) => ({ name, id }));
}

/** What one project used, oldest month first. */
export async function readUsage(id: string): Promise<Usage[]> {
  return (await rows("usage.tsv"))
    .filter(([project]) => project === id)
    .map(([, month = "", builds, cpuHours, storageGb]) => ({
      month,
      builds: Number(builds),
      cpuHours: Number(cpuHours),
      storageGb: Number(storageGb),
    }));
}

/** Those that are at most so many characters from what was typed, nearest first, three at most. */
export function near(typed: string, names: readonly string[], atMost: number): string[] {
  return names
    .map((name) => ({ name, far: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far }) => far <= atMost)
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** How many characters have to be put in, taken out or changed (Levenshtein). */
function distance(one: string, other: string): number {
  const row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, a] of Array.from(one).entries()) {
    let diagonal = i;
    row[0] = i + 1;
    for (const [j, b] of Array.from(other).entries()) {
      const above = row[j + 1] ?? 0;
      row[j + 1] = Math.min(above + 1, (row[j] ?? 0) + 1, diagonal + (a === b ? 0 : 1));
      diagonal = above;
    }
  }
  return row.at(-1) ?? 0;
}

async function rows(file: string): Promise<string[][]> {
  const text = await readFile(new URL(`../../data/${file}`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));
}
