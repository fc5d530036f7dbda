import { resolve } from "node:path";
import { accountConfig, ensureCredentialsIn, leafAccountConfig, roles, usersConfig, type Credential, type Role } from "@bellhop/bus/server";
import { note, UsageError, type ExitCode } from "../report.ts";

/** `bellhop nats users`: a key for each role, and the server's configuration that knows them. */
export async function natsUsers(options: { out: string; role?: readonly string[]; account?: string; hub?: string }): Promise<ExitCode> {
  const { account, hub } = options;
  if (hub !== undefined && account === undefined) throw new UsageError("--hub goes with --account.");
  const wanted = (options.role ?? roles).map(roleOf);
  for (const [option, name] of Object.entries({ account, hub })) {
    if (name !== undefined && !/^\w[\w-]*$/.test(name))
      throw new UsageError(`--${option} ${name}: expected a name of letters, digits, - and _.`);
  }
  const out = resolve(options.out);
  const users = await ensureCredentialsIn(out, wanted);
  process.stdout.write(configOf(users, account, hub));
  for (const { role, file } of users) note(`${role}: ${file}`);
  note(
    account === undefined
      ? "Put what was printed into a file that the server's configuration includes, and reload the server."
      : "Put what was printed into a file that the server's configuration includes within `accounts { … }`, and reload the server.",
  );
  note("A process needs the file of its own role alone: BELLHOP_CREDENTIALS names it, or a folder that has it.");
  return 0;
}

function configOf(users: readonly Credential[], account: string | undefined, hub: string | undefined): string {
  if (account === undefined) return usersConfig(users);
  return hub === undefined ? accountConfig({ name: account, users }) : leafAccountConfig({ name: account, users, domain: hub });
}

function roleOf(name: string): Role {
  const role = roles.find((one) => one === name);
  if (role === undefined) throw new UsageError(`--role ${name}: expected ${roles.join(", ")}.`);
  return role;
}
