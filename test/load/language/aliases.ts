import { AliasDefinition, type PackVersion } from "@bellhop/contracts";
import { aliasIndex, emptyCatalog, matchAlias, packSteps, prepareMatching, withPack, type Catalog } from "@bellhop/core";
import { inSlices } from "@bellhop/service";
import { figure, median, percentile, type Figure } from "../figures.ts";
import { expressionOf, hubotMicroseconds } from "./hubot.ts";

const rounds = 5;
const sizes = [10, 100, 1_000, 10_000];

/** Microseconds that one command takes among so many aliases, a fifth of them raw expressions; beside it Hubot itself, and the expressions of its adapter in a bare loop. */
export async function measureAliases(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const formats = Array.from({ length: size }, (_, index) => formatOf(index));
    const version = versionOf(formats);
    const catalog = withPack(emptyCatalog, version);
    const { all, pause } = await swapped(version);
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
      figure({
        name: `Hubot 14, last of ${size}`,
        value: await hubotMicroseconds({ formats, command: `deploy app${padded(last)} 1.2.3 to staging`, rounds, times: 20 }),
        unit: "us",
      }),
      figure({ name: `${size} aliases come in`, value: all, unit: "ms" }),
      figure({ name: `the longest pause meanwhile, ${size}`, value: pause, unit: "ms", aim: { atMost: 50 } }),
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

function versionOf(formats: readonly string[]): PackVersion {
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
  return { v: 1, name: "bench", version: "1.0.0", description: "", digest: "0", actions: [], aliases };
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

/** Their expressions asked one after another by a bare loop: the least that a matcher without an index can take. */
function scan(formats: readonly string[], command: string): number {
  const expressions = formats.map(expressionOf);
  return median(
    Array.from({ length: rounds }, () =>
      percentile(
        timed(20, () => expressions.some((expression) => expression.test(command))),
        50,
      ),
    ),
  );
}

/** How a pack of so many aliases comes in while the engine works: milliseconds in all, and the longest that anything else had to wait. */
async function swapped(version: PackVersion): Promise<{ all: number; pause: number }> {
  let pause = 0;
  let last = performance.now();
  let over = false;
  const look = () => {
    const now = performance.now();
    pause = Math.max(pause, now - last);
    last = now;
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  const before = performance.now();
  const catalog = await inSlices(packSteps(emptyCatalog, version));
  await inSlices(prepareMatching(catalog));
  over = true;
  return { all: performance.now() - before, pause: Math.max(pause, performance.now() - last) };
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
