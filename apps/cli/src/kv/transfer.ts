import { chmod, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { openKv, type KvFound } from "@bellhop/bus";
import { holdsSealed, identityOf, isSealed, kvPurpose, limits, type KvPlace } from "@bellhop/contracts";
import type { Env, Keyring } from "@bellhop/service";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { readNamed } from "../named-file.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { keyringHere, shownValue } from "./whose.ts";

/** A value in a file, with StackStorm's fields; `owner`, `expires` and the scope `pack` are ours. */
const Written = z.strictObject({
  name: z.string().min(1),
  scope: z.string().default("system"),
  /** StackStorm's word for the owner of a value of the scope `user`. */
  user: z.string().optional(),
  owner: z.string().optional(),
  value: z.unknown(),
  secret: z.boolean().default(false),
  /** It comes sealed. */
  encrypted: z.boolean().default(false),
  description: z.string().nullish(),
  ttl: z.number().positive().nullish(),
  expires: z.iso.datetime().nullish(),
  /** StackStorm's words for the same, and what it adds to what it lists. */
  expire_timestamp: z.iso.datetime({ offset: true }).nullish(),
  id: z.unknown().optional(),
  uid: z.unknown().optional(),
});
type Written = z.infer<typeof Written>;

/** `bellhop kv load`. @throws UsageError that names all that is wrong with the file, of which nothing is loaded then */
export async function kvLoad(file: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const given = await read(file);
  const keyring = given.some(({ secret, encrypted }) => secret || encrypted) ? await keyringHere(env) : undefined;
  const now = Date.now();
  const faults: string[] = [];
  const ready = given.flatMap((one, index) => {
    const made = keptOf(one, { keyring, now });
    if (typeof made !== "string") return [made];
    faults.push(`${file}: entry ${index + 1} (${one.name}): ${made}`);
    return [];
  });
  if (faults.length > 0) throw new UsageError(faults.join("\n"));
  const lasting = ready.filter(({ over }) => !over);
  return withBus<ExitCode>(env, "bellhop kv load", async (bus) => {
    const kv = openKv(bus);
    const by = identityOf(personHere());
    for (const { place, kept } of lasting) await kv.set(place, { ...kept, by });
    if (json) process.stdout.write(`${JSON.stringify({ loaded: lasting.map(({ place }) => place) })}\n`);
    else process.stdout.write(`${lasting.length} values are loaded.\n`);
    if (lasting.length < ready.length) note(`${ready.length - lasting.length} had expired and were left out.`);
    return 0;
  });
}

/** `bellhop kv export`. @throws UsageError, Problem kv_refused */
export async function kvExport(file: string | undefined, options: { decrypt: boolean; prefix?: string }, env: Env): Promise<ExitCode> {
  if (file !== undefined && !/\.(json|ya?ml)$/.test(file)) throw new UsageError(`${file} ends in none of .json, .yaml and .yml.`);
  const keyring = options.decrypt ? await keyringHere(env) : undefined;
  return withBus<ExitCode>(env, "bellhop kv export", async (bus) => {
    const kv = openKv(bus);
    const { prefix } = options;
    const lists = await Promise.all((["system", "user", "pack"] as const).map((scope) => kv.list({ scope, prefix })));
    const written = lists.flat().map((one) => writtenOf(one, keyring));
    const asJson = file === undefined || file.endsWith(".json");
    const made = asJson ? `${JSON.stringify(written, null, 2)}\n` : stringify(written);
    if (file === undefined) process.stdout.write(made);
    else {
      // It may hold secrets in the open.
      await writeFile(file, "", { mode: 0o600 });
      await chmod(file, 0o600);
      await writeFile(file, made);
      note(`${written.length} values are in ${file}.`);
    }
    return 0;
  });
}

async function read(file: string): Promise<Written[]> {
  const content = file === "-" ? await text(process.stdin) : readNamed(file);
  let document: unknown;
  try {
    // JSON is YAML.
    document = parse(content);
  } catch (error) {
    return fault(`${file} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const list = z.array(z.unknown()).safeParse(Array.isArray(document) ? document : [document]);
  const read = z.array(Written).safeParse(list.data);
  if (read.success) return read.data;
  return fault(
    read.error.issues
      .map(({ path, message }) => `${file}: entry ${Number(path[0] ?? 0) + 1}: ${path.slice(1).join(".")}: ${message}`)
      .join("\n"),
  );
}

function fault(message: string): never {
  throw new UsageError(message);
}

interface Ready {
  place: KvPlace;
  kept: { value: unknown; secret: boolean; description?: string; ttl?: number };
  over: boolean;
}

/** What is to be kept of an entry, or what is wrong with it. */
function keptOf(one: Written, { keyring, now }: { keyring: Keyring | undefined; now: number }): Ready | string {
  const { name, value, secret, encrypted, description, ttl } = one;
  const expires = one.expires ?? one.expire_timestamp;
  const scope = one.scope.replace(/^st2kv\./, "");
  const owner = one.owner ?? one.user;
  if (scope !== "system" && scope !== "user" && scope !== "pack") return `its scope is ${one.scope}; there are system, user and pack`;
  if (scope !== "system" && (owner ?? "") === "") return `a value of the scope ${scope} says whose it is: owner`;
  const closed = encrypted ? sealedBefore(value, keyring) : secret ? keyring?.seal(value ?? null, kvPurpose) : (value ?? null);
  if (encrypted && closed === undefined)
    return "it is said to be encrypted, and this installation's key file does not open it: export it with --decrypt where it is from";
  if (!encrypted && holdsSealed(value))
    return "it has `$sealed` in it, which stands for what this installation has sealed: say encrypted or secret";
  const bytes = Buffer.byteLength(JSON.stringify(closed));
  if (bytes > limits.kvValue) return `it has ${bytes} bytes; up to ${limits.kvValue} are kept`;
  const left = typeof expires === "string" ? (Date.parse(expires) - now) / 1000 : (ttl ?? undefined);
  const kept = {
    value: closed,
    secret: secret || encrypted,
    ...(typeof description === "string" ? { description } : {}),
    ...(left === undefined ? {} : { ttl: left }),
  };
  return {
    place: { scope, name, ...(scope === "system" || owner === undefined ? {} : { owner }) },
    kept,
    over: left !== undefined && left <= 0,
  };
}

/** What is taken as it is has to be ours. */
function sealedBefore(value: unknown, keyring: Keyring | undefined): unknown {
  if (!isSealed(value) || keyring === undefined) return undefined;
  try {
    keyring.open(value, kvPurpose);
    return value;
  } catch {
    return undefined;
  }
}

function writtenOf(one: KvFound, keyring: Keyring | undefined): Record<string, unknown> {
  const { name, scope, owner, secret = false, description, expires } = one;
  return {
    name,
    scope,
    ...(owner === undefined ? {} : { owner }),
    value: keyring === undefined ? one.value : shownValue(one, keyring),
    ...(secret ? { secret } : {}),
    ...(secret && keyring === undefined ? { encrypted: true } : {}),
    ...(description === undefined ? {} : { description }),
    ...(expires === undefined ? {} : { expires }),
  };
}
