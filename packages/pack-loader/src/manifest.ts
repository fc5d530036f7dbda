import { z } from "zod";
import { lineStarts, placeAt, type Place } from "./located.ts";
import { provided } from "./modules/resolution.ts";
import type { PackProblem } from "./problem.ts";

const Ranges = z.record(z.string(), z.string()).default({});
const PackageJson = z.looseObject({
  version: z.string().optional(),
  dependencies: Ranges,
  optionalDependencies: Ranges,
  devDependencies: Ranges,
  overrides: z.record(z.string(), z.unknown()).optional(),
});

/** What a pack's package.json says of its version, and of the packages it needs: without those that the host provides. */
export interface Manifest {
  readonly version?: string;
  /** Range by name. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  /** Names of what its author works with: none of it travels. */
  readonly development: readonly string[];
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Where a package is named. */
  placeOf(name: string): Place;
}

export const manifestFile = "package.json";

/** Reads the text of a package.json; undefined: there is none, and a pack needs none. */
export function readManifest(text: string | undefined): { manifest: Manifest; problems: PackProblem[] } {
  if (text === undefined) return { manifest: without(""), problems: [] };
  const faulty = (place: Place, message: string, hint: string) => {
    return { manifest: without(text), problems: [{ file: manifestFile, ...place, message, hint }] };
  };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // V8 says where, but for a text that just ends.
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(why) ?? [];
    const place = line === undefined ? placeAt(lineStarts(text), text.length) : { line: Number(line), column: Number(column) };
    return faulty(place, `${manifestFile} is no JSON: ${why.replace(/ in JSON at position.*$/s, "")}.`, "");
  }
  const parsed = PackageJson.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.map(String) ?? [];
    const hint = 'It is an object of names and versions: { "yaml": "^2.9.0" }.';
    return faulty(placeIn(text, path), `${path.join(".") || manifestFile}: ${issue?.message ?? "this is not understood"}.`, hint);
  }
  const { version, dependencies, optionalDependencies, devDependencies, overrides } = parsed.data;
  const manifest = {
    ...(version === undefined ? {} : { version }),
    // npm's own rule: what is named in both is optional.
    dependencies: ownOf(dependencies, (name) => optionalDependencies[name] === undefined),
    optionalDependencies: ownOf(optionalDependencies),
    development: Object.keys(devDependencies),
    ...(overrides === undefined ? {} : { overrides }),
    placeOf: (name: string) => placeIn(text, [optionalDependencies[name] === undefined ? "dependencies" : "optionalDependencies", name]),
  };
  return { manifest, problems: [] };
}

function without(text: string): Manifest {
  return { dependencies: {}, optionalDependencies: {}, development: [], placeOf: () => placeIn(text, []) };
}

function ownOf(ranges: Readonly<Record<string, string>>, wanted: (name: string) => boolean = () => true): Record<string, string> {
  return Object.fromEntries(Object.entries(ranges).filter(([name]) => !provided.has(name) && wanted(name)));
}

/** The last of these keys that is found, each behind the one before. */
function placeIn(text: string, keys: readonly string[]): Place {
  let offset = 0;
  for (const key of keys) {
    const at = text.indexOf(JSON.stringify(key), offset);
    if (at < 0) break;
    offset = at;
  }
  return placeAt(lineStarts(text), offset);
}
