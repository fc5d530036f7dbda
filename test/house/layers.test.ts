import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, root, rooms } from "./workspace.ts";

/** The picture in docs/house.md, from the words up: a room imports what stands in a layer below it. */
const layers = [
  ["@bellhop/contracts"],
  ["@bellhop/expression"],
  ["@bellhop/core"],
  ["@bellhop/sdk"],
  ["@bellhop/bus", "@bellhop/history", "@bellhop/service"],
  ["@bellhop/gateway", "@bellhop/pack-loader"],
  ["@bellhop/pack-source"],
];
const layerOf = new Map(layers.flatMap((names, level) => names.map((name) => [name, level] as const)));
const effects = ["@bellhop/bus", "@bellhop/history", "@bellhop/service"];

test("imports point down: no room uses one beside or above it", () => {
  for (const { folder, name, uses } of rooms()) {
    if (!folder.startsWith("packages/") || name === "@bellhop/testkit") continue;
    const level = layerOf.get(name);
    if (level === undefined) throw new Error(`${name} has no place in the layers: draw it in docs/house.md and here`);
    for (const used of uses) expect(layerOf.get(used) ?? Infinity, `${name} uses ${used}`).toBeLessThan(level);
  }
});

test("effects skip the middle: bus, history and service use contracts only", () => {
  for (const { name, uses } of rooms()) if (effects.includes(name)) expect(uses, name).toEqual(["@bellhop/contracts"]);
});

test("only the CLI uses other apps and fetches packs, and packs use the sdk only", () => {
  const apps = new Set(rooms().flatMap(({ folder, name }) => (folder.startsWith("apps/") ? [name] : [])));
  for (const { folder, name, uses } of rooms()) {
    if (name !== "@bellhop/cli")
      expect(
        uses.filter((used) => apps.has(used) || used === "@bellhop/pack-source"),
        name,
      ).toEqual([]);
    if (folder.startsWith("packs/"))
      expect(
        uses.filter((used) => used !== "@bellhop/sdk"),
        name,
      ).toEqual([]);
  }
});

test("only tests use the testkit", () => {
  for (const { name, uses } of rooms()) expect(uses, name).not.toContain("@bellhop/testkit");
  for (const file of [...files("packages", ".ts"), ...files("apps", ".ts")]) {
    if (/\.(test|bench)\.ts$|^packages\/testkit\/|\/testing|\/fixtures\//.test(file)) continue;
    expect(importsOf(file), file).not.toContain("@bellhop/testkit");
  }
});

test("only bus talks to our NATS, contracts knows zod and hashes only, core adds patterns, JSON Schema and a layout", () => {
  for (const { name, declares } of rooms()) {
    const nats = declares.filter((used) => used === "nats" || used.startsWith("@nats-io/"));
    // What that pack looks at is its users' own NATS.
    if (name !== "@bellhop/bus" && name !== "@bellhop/pack-nats") expect(nats, name).toEqual([]);
  }
  const declares = (name: string) => rooms().find((room) => room.name === name)?.declares;
  expect(declares("@bellhop/contracts")).toEqual(["@noble/hashes", "zod"]);
  expect(declares("@bellhop/core")).toEqual(["@bellhop/contracts", "@bellhop/expression", "@dagrejs/dagre", "ajv", "re2js"]);
});

test("core and contracts import nothing of Node's", () => {
  for (const file of [...files("packages/core/src", ".ts"), ...files("packages/contracts/src", ".ts")]) {
    if (file.endsWith(".test.ts")) continue;
    expect(
      importsOf(file).filter((used) => used.startsWith("node:")),
      file,
    ).toEqual([]);
  }
});

test("nothing imports past an index", () => {
  for (const file of [...files("packages", ".ts"), ...files("apps", ".ts"), ...files("packs", ".ts"), ...files("test", ".ts")]) {
    for (const used of importsOf(file)) expect(used, file).not.toMatch(/^@bellhop\/[\w-]+\/src\/|^\.\.\/.*\/(packages|apps)\//);
  }
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;"']*["']([^"']+)["']/gm)].map((match) => match[1] ?? "");
}
