// What every bench command begins and ends with.
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { endAll, removeFolders } from "./processes.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void endAll().finally(() => process.exit(1));
  });
}
process.once("exit", removeFolders);

export interface Bench {
  name: string;
  /** By the word that `--only` picks it with, in the order in which they are measured. */
  parts: Readonly<Record<string, () => readonly Figure[] | Promise<readonly Figure[]>>>;
  notMeasured: string[];
  /** What parts share is ended here. */
  end?: () => Promise<void>;
}

/** Measures the parts that were asked for, and prints one JSON object on standard output. Ends every process that was started, whichever end it comes to, and this one. */
export async function runBench({ name, parts, notMeasured, end }: Bench): Promise<never> {
  const wanted = new Set(option("only", Object.keys(parts).join(",")).split(","));
  const figures: Figure[] = [];
  try {
    for (const [part, measure] of Object.entries(parts)) if (wanted.has(part)) figures.push(...(await measure()));
    await end?.();
    const report: Report = { bench: name, figures, not_measured: notMeasured };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await endAll();
  }
  process.exit(0);
}

/** `--name VALUE` of the command line. */
export function option(name: string, otherwise: string): string {
  return given(name) ?? otherwise;
}

/** Further arguments for Node where `--profile FOLDER` asks for V8's CPU profiles. */
export function profiling(): string[] {
  const folder = given("profile");
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

function given(name: string): string | undefined {
  const { values } = parseArgs({ options: { [name]: { type: "string" } }, strict: false });
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}
