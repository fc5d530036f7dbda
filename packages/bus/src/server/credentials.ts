import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "@bellhop/contracts";
import { nkeys } from "nats";
import type { ServerUser } from "./config.ts";
import { permissionsOf, roles, type Role } from "./permissions.ts";

export interface Credential extends ServerUser {
  role: Role;
  /** File with the nkey seed: what `connectBus` takes as `credentials`. */
  file: string;
}

/** The embedded server's users: an nkey per role, made once, kept in `<root>/credentials`, with the role's permissions: what `serverConfig` takes as `users`. */
export async function ensureCredentials(root: string): Promise<Record<Role, Credential>> {
  const made = await ensureCredentialsIn(join(root, "credentials"), roles);
  return Object.fromEntries(made.map((credential) => [credential.role, credential])) as Record<Role, Credential>;
}

/** Keys of some roles, made once, in a folder (0700) of files (0600). Safe to call from several processes at once: all get the same keys. */
export async function ensureCredentialsIn(folder: string, of: readonly Role[]): Promise<Credential[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  return await Promise.all(of.map((role) => ensureCredential(folder, role)));
}

async function ensureCredential(folder: string, role: Role): Promise<Credential> {
  const file = join(folder, `${role}.nk`);
  const seed = (await readSeed(file)) ?? (await writeSeed(file));
  return { role, file, publicKey: nkeys.fromSeed(seed).getPublicKey(), permissions: permissionsOf(role) };
}

async function readSeed(file: string): Promise<Uint8Array | undefined> {
  try {
    return new TextEncoder().encode((await readFile(file, "utf8")).trim());
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all, and only once: a second process that comes at the same time reads the first one's. */
async function writeSeed(file: string): Promise<Uint8Array> {
  const fresh = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(fresh, `${new TextDecoder().decode(nkeys.createUser().getSeed())}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(fresh, file);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(fresh);
  }
  const seed = await readSeed(file);
  if (!seed) throw new Error(`${file} vanished while it was made`);
  return seed;
}
