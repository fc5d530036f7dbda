import { problem } from "@bellhop/contracts";
import type { Kind } from "./kind.ts";
import { runShell } from "./shell.ts";

/** A command line for `sh -c`. Values were quoted into it where it was planned. */
export const localShellCmd: Kind = {
  name: "local-shell-cmd",
  async run(work, context) {
    const { cmd } = work.input;
    if (typeof cmd !== "string") {
      const { data } = problem("parameter_missing", { action: work.definition.ref, parameter: "cmd", description: "" });
      return { status: "failed", problem: data };
    }
    const aside = holdsSecret(cmd, work);
    return await runShell(
      {
        file: "/bin/sh",
        args: ["-c", aside ? readAside : cmd],
        ...(aside ? { script: cmd } : {}),
        unstartable: (code) => ({ why: `/bin/sh can't be started (${code})` }),
      },
      work,
      context,
    );
  },
};

/** Arguments are seen by every user of the machine, so a command with a secret in it is read from a pipe that is closed before it runs. */
const readAside = 'bellhop_cmd=$(cat <&3); exec 3<&-; eval "unset bellhop_cmd\n$bellhop_cmd"';

function holdsSecret(cmd: string, { sealed, input }: { sealed: ReadonlySet<string>; input: Record<string, unknown> }): boolean {
  if (sealed.has("cmd")) return true;
  return [...sealed].some((name) => {
    const value = input[name];
    // What a template made of a list or an object can't be told from here.
    return typeof value !== "string" || (value !== "" && cmd.includes(value));
  });
}
