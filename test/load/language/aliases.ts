import { AliasDefinition } from "@bellhop/contracts";
import { aliasIndex, emptyCatalog, matchAlias, withPack, type Catalog } from "@bellhop/core";
import { figure, median, percentile, type Figure } from "../figures.ts";

const rounds = 5;
const sizes = [10, 100, 1_000, 10_000];

/** Microseconds that one command takes among so many aliases, a fifth of them raw expressions; the floor is a loop that asks each by JavaScript's own, as Hubot does. */
export function measureAliases(): Figure[] {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const formats = Array.from({ length: size }, (_, index) => formatOf(index));
    const before = performance.now();
    const catalog = catalogOf(formats);
    const compiled = performance.now() - before;
    const last = size - 1;
    const raw = size - 5;
    figures.push(
      figure({
        name: `plain format, last of ${size}`,
        value: p50(catalog, `deploy app${padded(last)} 1.2.3 to staging`, "matched"),
        unit: "us",
        aim: { atMost: 10 },
      }),
      figure({
        name: `raw format, last of ${size}`,
        value: p50(catalog, `reboot host${padded(raw)} on web1`, "matched"),
        unit: "us",
        aim: { atMost: 50 },
      }),
      figure({ name: `no match among ${size}`, value: p50(catalog, "frobnicate the thing now", "none"), unit: "us", aim: { atMost: 10 } }),
      figure({
        name: `each of ${size} asked in turn, last matching`,
        value: scan(formats, `deploy app${padded(last)} 1.2.3 to staging`),
        unit: "us",
      }),
      figure({ name: `${size} aliases compiled`, value: compiled, unit: "ms" }),
      figure({ name: `formats of ${size} without any text to go by`, value: aliasIndex(catalog.aliases).unindexed, unit: "formats" }),
    );
    if (size === sizes.at(-1))
      figures.push(figure({ name: "the worst of hostile commands", value: hostile(catalog), unit: "ms", aim: { atMost: 50 } }));
  }
  return figures;
}

function formatOf(index: number): string {
  return index % 5 === 0
    ? `(restart|reboot) host${padded(index)}( on {{ place }})?`
    : `deploy app${padded(index)} {{ version }} to {{ env = prod }}`;
}

/** No name is the beginning of another: expressions as Hubot builds them would take `app12` for `app1` and a version. */
function padded(index: number): string {
  return String(index).padStart(5, "0");
}

function catalogOf(formats: readonly string[]): Catalog {
  const source = { file: "aliases.yaml", line: 1, column: 1 };
  const aliases = formats.map((format, index) =>
    AliasDefinition.parse({
      ref: `bench.a${index}`,
      pack: "bench",
      name: `a${index}`,
      action: "bench.run",
      formats: [{ display: format, representation: [format] }],
      source,
    }),
  );
  return withPack(emptyCatalog, { v: 1, name: "bench", version: "1.0.0", description: "", digest: "0", actions: [], aliases });
}

function p50(catalog: Catalog, command: string, expected: string): number {
  return median(
    Array.from({ length: rounds }, () =>
      percentile(
        timed(500, () => matchAlias(catalog, command).kind === expected),
        50,
      ),
    ),
  );
}

/** Hubot's expressions, built as its adapter for StackStorm builds them, asked one after another. */
function scan(formats: readonly string[], command: string): number {
  const expressions = formats.map((format) => {
    const optional = format.replace(/(\s*)\{\{\s*\S+\s*=\s*[^}]+\}\}(\s*)/g, String.raw`\s*($1([\s\S]+?)$2)?\s*`);
    return new RegExp(String.raw`^\s*${optional.replace(/\s*\{\{[^}]+\}\}\s*/g, String.raw`\s*([\s\S]+?)\s*`)}\s*$`, "i");
  });
  return median(
    Array.from({ length: rounds }, () =>
      percentile(
        timed(20, () => expressions.some((expression) => expression.test(command))),
        50,
      ),
    ),
  );
}

/** Forty thousand characters each; the longest of the medians. */
function hostile(catalog: Catalog): number {
  const length = 40_000;
  const names = Array.from({ length: 6_000 }, (_, index) => `app${padded(index)}`).join(" ");
  const commands = [
    `deploy ${names} to x`,
    '"a '.repeat(length / 3),
    "{a ".repeat(length / 3),
    "a".repeat(length),
    "x=1 ".repeat(length / 4),
    `restart host00005 on ${"host00005 on ".repeat(length / 13)}`,
  ];
  return Math.max(
    ...commands.map((command) => median(timed(rounds, () => matchAlias(catalog, command.slice(0, length)).kind !== "several")) / 1_000),
  );
}

/** Microseconds of each of so many calls, after as many to get warm. */
function timed(times: number, run: () => boolean): number[] {
  for (let index = 0; index < times; index++) if (!run()) throw new Error("the wrong answer is not worth timing");
  return Array.from({ length: times }, () => {
    const before = performance.now();
    run();
    return (performance.now() - before) * 1_000;
  });
}
