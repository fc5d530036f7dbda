import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { problem } from "@bellhop/contracts";
import { installHint, parameterEnvironment, scriptArguments } from "@bellhop/core";
import type { Kind } from "./kind.ts";
import { runShell } from "./shell.ts";

/** A program of the pack, in any language that its first line names. Arguments go to it as they are: no shell reads them. */
export const localShellScript: Kind = {
  name: "local-shell-script",
  async run(work, context) {
    const { definition, folder, input, sealed } = work;
    if (definition.entryPoint === undefined) {
      const { data } = problem("action_failed", {
        action: definition.ref,
        why: "its definition names no script",
        next: "Set entry_point.",
      });
      return { status: "failed", problem: data };
    }
    const file = join(folder, definition.entryPoint);
    // Arguments are seen by every user of the machine: a secret is only in the environment, and its place among the arguments stays empty.
    const visible = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, sealed.has(name) ? "" : value]));
    const args = scriptArguments({
      parameters: definition.parameters,
      input: visible,
      ...(typeof input.kwarg_op === "string" ? { kwargOp: input.kwarg_op } : {}),
    });
    const name = definition.entryPoint;
    return await runShell(
      { file, args, env: parameterEnvironment(definition.parameters, input), unstartable: (code) => unstartable(file, name, code) },
      work,
      context,
    );
  },
};

/** The system says ENOENT both for a script that is not there and for an interpreter that is not. */
function unstartable(file: string, name: string, code: string): { why: string; next?: string } {
  const interpreter = firstLine(file);
  if (interpreter === undefined) return { why: `the pack has no ${name}` };
  if (code === "EACCES") return { why: `${name} is not executable` };
  if (code === "ENOEXEC" || interpreter === "")
    return { why: `${name} does not say what runs it: its first line should be like #!/bin/sh` };
  return { why: `${name} needs ${interpreter}, which is not here`, next: installHint(interpreter.split(" ")[0] ?? "") };
}

/** The command of a script's `#!` line; "" without one, undefined without a file. */
function firstLine(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(256);
    const line = bytes.toString("utf8", 0, readSync(handle, bytes, 0, 256, 0)).split("\n")[0] ?? "";
    return line.startsWith("#!") ? line.slice(2).trim() : "";
  } finally {
    closeSync(handle);
  }
}
