import { openKv, type KvFound } from "@bellhop/bus";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { clock } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { keyringHere, scopeOf, shownName, shownValue, unknownPack, type WhoseOptions } from "./whose.ts";

export interface ListOptions extends WhoseOptions {
  all: boolean;
  prefix?: string;
  decrypt: boolean;
  limit?: number;
  json: boolean;
}

/** `bellhop kv list`. @throws UsageError, Problem kv_refused */
export async function kvList(options: ListOptions, env: Env): Promise<ExitCode> {
  const { all, prefix, decrypt, limit, json } = options;
  const keyring = decrypt ? await keyringHere(env) : undefined;
  return withBus<ExitCode>(env, "bellhop kv list", async (bus) => {
    const kv = openKv(bus);
    const wanted = all ? (["system", "user", "pack"] as const).map((scope) => ({ scope })) : [scopeOf(options)];
    const lists = await Promise.all(wanted.map((whose) => kv.list({ ...whose, prefix })));
    const found = lists.flat().slice(0, limit);
    const values = found.map((one) => ({ ...aboutOf(one), value: shownValue(one, keyring) }));
    if (json) process.stdout.write(`${JSON.stringify({ values })}\n`);
    else if (values.length === 0) {
      const unknown = all ? undefined : await unknownPack(bus, scopeOf(options));
      if (unknown !== undefined) throw unknown;
      note("There are none. `bellhop kv set NAME VALUE` keeps one, `--all` shows those of people and packs as well.");
    } else {
      printTable(
        ["NAME", "SCOPE", "VALUE", "EXPIRES", "SET"],
        values.map((one) => [
          shownName(one),
          one.scope,
          short(one.value),
          one.expires === undefined ? "" : clock(one.expires),
          `${clock(one.at)} by ${one.by}`,
        ]),
      );
    }
    return 0;
  });
}

function aboutOf({ scope, owner, name, secret = false, description, expires, by, at, revision }: KvFound) {
  return { name, scope, ...(owner === undefined ? {} : { owner }), secret, description, expires, by, at, revision };
}

function short(value: unknown): string {
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replaceAll(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
