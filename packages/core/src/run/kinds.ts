import type { Parameter } from "@bellhop/contracts";

const shell: Readonly<Record<string, Parameter>> = {
  cwd: { type: "string", description: "Folder that the command runs in" },
  env: { type: "object", description: "Environment variables" },
  kwarg_op: { type: "string", description: "What stands before the names of arguments", default: "--" },
  sudo: { type: "boolean", description: "Run as another user", default: false },
  sudo_password: { type: "string", description: "Password for sudo", secret: true },
  timeout: { type: "number", description: "Seconds until it is stopped" },
};

/** Kinds of actions that runners carry out, with the parameters that each adds to those of its actions. */
export const kinds: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  typescript: {},
  "local-shell-cmd": { cmd: { type: "string", description: "Command for sh -c", required: true }, ...shell },
  "local-shell-script": shell,
};
