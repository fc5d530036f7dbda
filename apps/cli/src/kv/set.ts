import { text } from "node:stream/consumers";
import { openKv } from "@bellhop/bus";
import { holdsSealed, identityOf, kvPurpose, problem } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { keyringHere, scopeOf, shownName, unknownPack, type WhoseOptions } from "./whose.ts";

export interface SetOptions extends WhoseOptions {
  typed: boolean;
  secret: boolean;
  ttl?: number;
  description?: string;
  ifRevision?: number;
  /** Also for a pack that is not here. */
  force: boolean;
  json: boolean;
}

/** `bellhop kv set`. @throws UsageError, Problem kv_refused, kv_too_large */
export async function kvSet(name: string, given: string | undefined, options: SetOptions, env: Env): Promise<ExitCode> {
  const { typed, secret, ttl, description, ifRevision, force, json } = options;
  const place = { ...scopeOf(options), name };
  if (name === "") throw new UsageError("A value needs a name.");
  const keyring = secret ? await keyringHere(env) : undefined;
  const read = await valueOf(given, { secret, name });
  const plain = typed ? jsonOf(read, name) : read;
  if (holdsSealed(plain)) throw new UsageError("A value with `$sealed` in it would be taken for a secret of ours: --secret seals one.");
  const value = keyring === undefined ? plain : keyring.seal(plain, kvPurpose);
  return withBus<ExitCode>(env, "bellhop kv set", async (bus) => {
    const unknown = force ? undefined : await unknownPack(bus, place);
    if (unknown !== undefined) {
      const next = `${unknown.hint} --force keeps it for a pack that is still to come.`;
      throw problem("kv_refused", { why: unknown.message, next });
    }
    const kv = openKv(bus);
    const { scope, owner } = place;
    const isFirst = scope === "user" && (await kv.list({ scope, owner })).length === 0;
    const by = identityOf(personHere());
    const set = await kv.set(place, { value, secret, description, ttl, by, ifRevision });
    if (set.kind === "conflict") {
      const why = `${shownName(place)} is not of revision ${ifRevision} any more: nothing was set.`;
      throw problem("kv_refused", { why, next: `\`bellhop kv get ${name} --json\` says which it is.` });
    }
    const { revision, created } = set;
    process.stdout.write(
      json
        ? `${JSON.stringify({ name, scope: place.scope, revision, created })}\n`
        : `${shownName(place)} is ${created ? "set" : "changed"}.\n`,
    );
    if (isFirst && !json) note(`It is the first value of ${owner}: who that is can't be looked up.`);
    return 0;
  });
}

/** What stands on a command line is seen by others, and kept by the shell. */
async function valueOf(given: string | undefined, { secret, name }: { secret: boolean; name: string }): Promise<string> {
  if (given === "-") return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (given !== undefined && secret) {
    throw new UsageError(
      "What stands on a command line is seen by others: leave the value out to be asked for it, or say - to have it read from standard input.",
    );
  }
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new UsageError(`${name} can't be asked for without a terminal: say - to have it read from standard input.`);
  const clack = await import("@clack/prompts");
  const question = { message: name, output: process.stderr };
  const answer = secret ? await clack.password(question) : await clack.text(question);
  if (clack.isCancel(answer) || answer === undefined) throw new UsageError("It was not given: nothing is set.");
  return answer;
}

function jsonOf(read: string, name: string): unknown {
  try {
    return JSON.parse(read);
  } catch {
    throw new UsageError(`The value of ${name} is no JSON: leave --typed out to keep it as text.`);
  }
}
