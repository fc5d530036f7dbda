import { resolve } from "node:path";
import { accountConfig, ensureCredentialsIn, roles, usersConfig, type Role } from "@bellhop/bus/server";
import { note, UsageError, type ExitCode } from "../report.ts";

/** `bellhop nats users`: a key for each role, and the server's configuration that knows them. */
export async function natsUsers(options: { out: string; role?: readonly string[]; account?: string }): Promise<ExitCode> {
  const { account } = options;
  const wanted = (options.role ?? roles).map(roleOf);
  if (account !== undefined && !/^\w[\w-]*$/.test(account))
    throw new UsageError(`--account ${account}: expected a name of letters, digits, - and _.`);
  const out = resolve(options.out);
  const users = await ensureCredentialsIn(out, wanted);
  process.stdout.write(account === undefined ? usersConfig(users) : accountConfig({ name: account, users }));
  for (const { role, file } of users) note(`${role}: ${file}`);
  note(
    account === undefined
      ? "Put what was printed into a file that the server's configuration includes, and reload the server."
      : "Put what was printed into a file that the server's configuration includes within `accounts { … }`, and reload the server.",
  );
  note("A process needs the file of its own role alone: BELLHOP_CREDENTIALS names it, or a folder that has it.");
  return 0;
}

function roleOf(name: string): Role {
  const role = roles.find((one) => one === name);
  if (role === undefined) throw new UsageError(`--role ${name}: expected ${roles.join(", ")}.`);
  return role;
}
