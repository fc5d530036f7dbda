import { KvScope, type KvPlace, type Sealed } from "@bellhop/contracts";
import { nearest, type Datastore } from "@bellhop/core";
import { parse } from "yaml";
import { z } from "zod";
import { readNamed } from "../named-file.ts";
import { UsageError } from "../report.ts";

/** A datastore for what is only tried: whose the values are plays no part, and nothing is kept. */
export interface GivenDatastore extends Datastore {
  /** Closes a value as secrets are; nobody else opens it. */
  seal(value: unknown): Sealed;
  /** What was asked for and is not there, in words. */
  missed(): string[];
}

/** The values of a file, as `kv export --decrypt` writes them, or by their names as templates have them: `system.ops.room: slack:T1/C9`. @throws UsageError */
export function datastoreGiven(file: string): GivenDatastore {
  const text = readNamed(file);
  let document: unknown;
  try {
    // JSON is YAML.
    document = parse(text);
  } catch (error) {
    throw new UsageError(`${file} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = Array.isArray(document) ? Listed.safeParse(document) : Named.safeParse(document ?? {});
  if (!read.success) throw new UsageError(`${file} has no values by their names:\n${z.prettifyError(read.error)}`);
  if (Array.isArray(read.data)) {
    return datastoreOf(
      read.data.map(({ scope, name, value, secret }) => ({ name: `${scope.replace(/^st2kv\./, "")}.${name}`, value, secret })),
      file,
    );
  }
  return datastoreOf(
    Object.entries(read.data).map(([name, value]) => ({ name, value })),
    file,
  );
}

/** Values by their names, with the scope before them. @param file who says so, for people @throws UsageError where a name has none */
export function datastoreOf(given: readonly { name: string; value: unknown; secret?: boolean }[], file: string): GivenDatastore {
  const values = new Map(given.map(({ name, value, secret }) => [name, secret === true ? { value: seal(value), secret } : { value }]));
  for (const name of values.keys()) {
    const [scope = "", ...rest] = name.split(".");
    if (KvScope.safeParse(scope).success && rest.length > 0) continue;
    const near = nearest(scope, KvScope.options);
    throw new UsageError(
      `${file}: ${name} says no scope: a name begins with system., user. or pack.${near === undefined || rest.length === 0 ? ` Did you mean system.${name}?` : ` Did you mean ${[near, ...rest].join(".")}?`}`,
    );
  }
  const missed = new Set<string>();
  const nameOf = ({ scope, name }: KvPlace) => `${scope}.${name}`;
  const leadsOn = (place: KvPlace) => [...values.keys()].some((name) => name.startsWith(`${nameOf(place)}.`));
  return {
    find(place) {
      const found = values.get(nameOf(place));
      if (found === undefined && !leadsOn(place)) missed.add(nameOf(place));
      return found;
    },
    leadsOn,
    open: ({ $sealed }) => JSON.parse($sealed.data) as unknown,
    seal,
    missed: () =>
      [...missed].map((name) => {
        const near = nearest(name, values.keys());
        return `There is no ${name} ${near === undefined ? `in what ${file} gives.` : `in ${file}. Did you mean ${near}?`}`;
      }),
  };
}

function seal(value: unknown): Sealed {
  return { $sealed: { kid: "given", iv: "", data: JSON.stringify(value ?? null), tag: "" } };
}

const Named = z.record(z.string(), z.unknown());
const Listed = z.array(
  z.object({ name: z.string().min(1), scope: z.string().default("system"), value: z.unknown(), secret: z.boolean().optional() }),
);
