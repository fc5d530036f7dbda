// `pnpm bench:language`: one JSON object on standard output. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { measureAliases } from "./language/aliases.ts";
import { measureRules } from "./language/rules.ts";

/** A line for each part: what is measured under its name. */
const parts: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  aliases: measureAliases,
  rules: measureRules,
};

const { values } = parseArgs({ options: { only: { type: "string", default: Object.keys(parts).join(",") } } });
const wanted = new Set(values.only.split(","));
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) if (wanted.has(name)) figures.push(...(await measure()));
const report: Report = {
  bench: "language",
  figures,
  not_measured: [
    "what comes before and after: a message's way to the engine, access, and what is planned",
    "first use: each command was said before it is timed",
  ],
};
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
