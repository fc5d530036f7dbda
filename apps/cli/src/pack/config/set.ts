import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { problem } from "@bellhop/contracts";
import { checkSettings, holdsSecret, mapSecrets, takesFromDatastore, unknownSetting, type ConfigSchema } from "@bellhop/core";
import { openKeyring, type Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../../report.ts";
import { withBus } from "../../with-bus.ts";
import { changeStored, checkInstance, storedValues, withConfig, type KnownConfig } from "./known.ts";

/** `bellhop pack config set PACK NAME=VALUE…`: checked against the pack's schema, secrets sealed, then stored. */
export async function setConfig(
  pack: string,
  words: readonly string[],
  options: { instance?: string; json: boolean },
  env: Env,
): Promise<ExitCode> {
  const { instance, json } = options;
  checkInstance(instance);
  const wanted = wordsOf(words);
  return await withConfig<ExitCode>(pack, env, async (known) => {
    const { bus, schema } = known;
    const of = { pack, ...(instance === undefined ? {} : { instance }) };
    for (const { name, value } of wanted) {
      const parameter = Object.hasOwn(schema, name) ? schema[name] : undefined;
      if (parameter === undefined) throw unknownSetting(name, schema, pack);
      const shown = value !== undefined && value !== "-" && !takesFromDatastore(value);
      if (holdsSecret(parameter) && shown) throw new UsageError(onCommandLine(name));
    }
    const given: Record<string, string> = {};
    for (const { name, value } of wanted) given[name] = await valueOf({ name, value, schema });
    const checked = checkSettings(given, schema, of);
    if (checked.kind === "refused") throw checked.problem;
    const values = await sealed(known, checked.values);
    await changeStored(bus, of, (before) => ({ ...before, ...values }));
    const names = wanted.map(({ name }) => name);
    if (json) process.stdout.write(`${JSON.stringify({ ...of, set: names })}\n`);
    else note(`${shown(of)}: set ${names.join(", ")}`);
    return 0;
  });
}

/** `bellhop pack config unset PACK [NAME…]` */
export async function unsetConfig(
  pack: string,
  names: readonly string[],
  options: { instance?: string; json: boolean },
  env: Env,
): Promise<ExitCode> {
  const { instance, json } = options;
  checkInstance(instance);
  const of = { pack, ...(instance === undefined ? {} : { instance }) };
  // Also of a pack that is not there any more: its secrets should not have to stay.
  return await withBus<ExitCode>(env, "bellhop pack config", async (bus) => {
    const there = Object.keys((await storedValues(bus, of)) ?? {});
    const unset = names.length === 0 ? there : [...names];
    const missing = names.find((name) => !there.includes(name));
    if (missing !== undefined) {
      const suggestion = there.length === 0 ? "Nothing was set." : `Set were: ${there.join(", ")}.`;
      throw problem("pack_config_unknown", { pack, name: missing, suggestion });
    }
    await changeStored(bus, of, (before) => Object.fromEntries(Object.entries(before).filter(([name]) => !unset.includes(name))));
    if (json) process.stdout.write(`${JSON.stringify({ ...of, unset })}\n`);
    else note(unset.length === 0 ? "Nothing was set." : `${shown(of)}: unset ${unset.join(", ")}`);
    return 0;
  });
}

function shown({ pack, instance }: { pack: string; instance?: string }): string {
  return instance === undefined ? pack : `${pack} (instance ${instance})`;
}

interface Word {
  name: string;
  /** `-`: from standard input. Absent: it is asked for. */
  value: string | undefined;
}

/** @throws UsageError */
function wordsOf(words: readonly string[]): Word[] {
  const wanted = words.map((word): Word => {
    const [, name, value] = /^([\w-]+)(?:=([^]*))?$/.exec(word) ?? [];
    if (name === undefined) throw new UsageError(`"${word}" sets nothing: expected NAME=VALUE, NAME=- or NAME.`);
    return { name, value };
  });
  const twice = wanted.find(({ name }, index) => wanted.findIndex((one) => one.name === name) !== index);
  if (twice !== undefined) throw new UsageError(`${twice.name} is given twice.`);
  if (wanted.filter(({ value }) => value === "-").length > 1) throw new UsageError("Standard input gives one value: say NAME=- once.");
  return wanted;
}

function onCommandLine(name: string): string {
  return `${name} is a secret, and what stands on a command line is seen by others: say ${name} to be asked for it, or ${name}=- to have it read from standard input.`;
}

async function valueOf({ name, value, schema }: Word & { schema: ConfigSchema }): Promise<string> {
  if (value === "-") return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (value !== undefined) return value;
  if (!process.stdin.isTTY)
    throw new UsageError(`${name} can't be asked for without a terminal: say ${name}=- to have it read from standard input.`);
  const clack = await import("@clack/prompts");
  const { description } = schema[name] ?? {};
  const question = { message: description === undefined ? name : `${name} (${description})`, output: process.stderr };
  const answer = holdsSecret(schema[name] ?? {}) ? await clack.password(question) : await clack.text(question);
  if (clack.isCancel(answer) || answer === undefined) throw new UsageError(`${name} was not given: nothing is set.`);
  return answer;
}

/** Sealed under the key that runners open it with. What takes a secret from the datastore is none itself. */
async function sealed({ folder, schema, version }: KnownConfig, values: Record<string, unknown>): Promise<Record<string, unknown>> {
  if (!Object.keys(values).some((name) => holdsSecret(schema[name] ?? {}) && !takesFromDatastore(values[name]))) return values;
  const key = join(folder, "key");
  // A new key of our own would seal what no runner can open.
  if (!existsSync(key)) throw problem("config_key_missing", { key, pack: version.name });
  const keyring = await openKeyring(key);
  return mapSecrets(values, schema, (secret) => (takesFromDatastore(secret) ? secret : keyring.seal(secret)));
}
