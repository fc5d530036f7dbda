import { openKv } from "@bellhop/bus";
import { identityOf } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { scopeOf, type WhoseOptions } from "./whose.ts";

export interface DeleteOptions extends WhoseOptions {
  prefix?: string;
  ifRevision?: number;
  json: boolean;
}

/** `bellhop kv delete`: 1 where one of those named is not there, or not of that revision. @throws UsageError */
export async function kvDelete(names: readonly string[], options: DeleteOptions, env: Env): Promise<ExitCode> {
  const { prefix, ifRevision, json } = options;
  const whose = scopeOf(options);
  if ((names.length === 0) === (prefix === undefined)) throw new UsageError("Say which: their names, or --prefix.");
  if (prefix === "") throw new UsageError("An empty prefix means all of them: name what they begin with.");
  return withBus<ExitCode>(env, "bellhop kv delete", async (bus) => {
    const kv = openKv(bus);
    const by = identityOf(personHere());
    const wanted = prefix === undefined ? names : (await kv.list({ ...whose, prefix })).map(({ name }) => name);
    const deleted: string[] = [];
    for (const name of wanted) if (await kv.delete({ ...whose, name }, { by, ifRevision })) deleted.push(name);
    const left = wanted.filter((name) => !deleted.includes(name));
    if (json) process.stdout.write(`${JSON.stringify({ deleted })}\n`);
    else {
      for (const name of deleted) process.stdout.write(`${name} is deleted.\n`);
      for (const name of left) note(ifRevision === undefined ? `There is no value ${name}.` : `${name} is not of revision ${ifRevision}.`);
    }
    return left.length === 0 ? 0 : 1;
  });
}
