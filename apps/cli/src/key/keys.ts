import { dropKeys, openKeyring, rotateKeyFile, type Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { keyFile, keyringHere } from "../kv/whose.ts";
import { withBus } from "../with-bus.ts";
import { keptUnder, resealAll } from "./reseal.ts";

/** `bellhop key list`. @throws Problem kv_refused */
export async function keyList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const { kid, kids } = await keyringHere(env);
  return withBus<ExitCode>(env, "bellhop key list", async (bus) => {
    const kept = await keptUnder(bus);
    const known = [...new Set([...kids, ...kept.keys()])];
    const keys = known.map((id) => ({ id, seals: id === kid, here: kids.includes(id), kept: kept.get(id) ?? 0 }));
    if (json) process.stdout.write(`${JSON.stringify({ keys })}\n`);
    else
      printTable(
        ["KEY", "", "SEALED UNDER IT"],
        keys.map(({ id, seals, here, kept: count }) => [id, seals ? "seals" : here ? "opens" : "is not in the file", `${count} values`]),
      );
    return 0;
  });
}

/** `bellhop key rotate`. Needs nothing that runs. @throws Problem kv_refused, UsageError */
export async function keyRotate({ prepare, json }: { prepare: boolean; json: boolean }, env: Env): Promise<ExitCode> {
  await keyringHere(env);
  const { sealing, all: keys } = await changed(() => rotateKeyFile(keyFile(env), { prepare }));
  if (json) process.stdout.write(`${JSON.stringify({ sealing, keys })}\n`);
  else if (prepare) process.stdout.write(`Key ${keys.find((id) => id !== sealing) ?? ""} is ready; ${sealing} goes on sealing.\n`);
  else process.stdout.write(`Key ${sealing} seals from now on.\n`);
  note(
    prepare
      ? "Copy the file to every machine that runs engines, runners or this command, then say `bellhop key rotate` on one and copy it again."
      : "Whoever runs here takes it in within a second; on other machines the file has to be the same. Then `bellhop key reseal`.",
  );
  return 0;
}

/** `bellhop key reseal`: 1 where something is left. @throws Problem kv_refused */
export async function keyReseal({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const keyring = await keyringHere(env);
  return withBus<ExitCode>(env, "bellhop key reseal", async (bus) => {
    const { resealed, left } = await resealAll(bus, keyring);
    if (json) process.stdout.write(`${JSON.stringify({ resealed, left })}\n`);
    else {
      process.stdout.write(`${resealed} values are sealed under ${keyring.kid} now.\n`);
      for (const { what, why } of left) process.stdout.write(`left: ${what}: ${why}\n`);
    }
    return left.length === 0 ? 0 : 1;
  });
}

/** `bellhop key drop`. @throws Problem kv_refused, UsageError */
export async function keyDrop({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  await keyringHere(env);
  return withBus<ExitCode>(env, "bellhop key drop", async (bus) => {
    const keep = new Set((await keptUnder(bus)).keys());
    const dropped = await changed(() => dropKeys(keyFile(env), { keep }));
    const { kids } = await openKeyring(keyFile(env));
    if (json) process.stdout.write(`${JSON.stringify({ dropped })}\n`);
    else
      process.stdout.write(
        dropped.length === 0 ? "There is none that nothing is sealed under.\n" : `${dropped.join(", ")}: gone from the file.\n`,
      );
    if (kids.length > 1) note("Others open what is still sealed under them: `bellhop key reseal`.");
    return 0;
  });
}

async function changed<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
