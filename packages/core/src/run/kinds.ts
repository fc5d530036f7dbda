import type { Parameter } from "@bellhop/contracts";

const shell: Readonly<Record<string, Parameter>> = {
  cwd: { type: "string", description: "Folder that the command runs in" },
  env: { type: "object", description: "Environment variables" },
  kwarg_op: { type: "string", description: "What stands before the names of arguments", default: "--" },
  sudo: { type: "boolean", description: "Run as another user", default: false },
  sudo_password: { type: "string", description: "Password for sudo", secret: true },
  timeout: { type: "number", description: "Seconds until it is stopped" },
};

/** Kinds of actions that runners carry out, and those that are the engine's own (announcements, workflows, questions), with the parameters that each adds to
 *  those of its actions. */
export const kinds: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  typescript: {},
  "local-shell-cmd": { cmd: { type: "string", description: "Command for sh -c", required: true }, ...shell },
  "local-shell-script": shell,
  announcement: {
    message: { type: "string", description: "What to say, in Markdown", required: true },
    channel: {
      type: "string",
      description: "Room to say it in: here, slack:T1/C9, an id of this platform, or a name of bellhop.yaml",
      default: "here",
    },
    account: { type: "string", description: "Account that says it, where there are several" },
    user: { type: "string", description: "Id of the person that it is whispered to" },
    whisper: { type: "boolean", description: "Whether only that person may see it", default: false },
  },
  orquesta: { notify: { type: "array", description: "Tasks whose runs are told of as this one is", default: [] } },
  "action-chain": {
    display_published: { type: "boolean", description: "Whether the result has what its tasks published", default: true },
    skip_notify: { type: "array", description: "Tasks whose runs are not told of", default: [] },
  },
  inquirer: {
    message: { type: "string", description: "What is asked, in Markdown" },
    schema: {
      type: "object",
      description: "What an answer has to be: fields by name, as parameters are declared",
      default: { continue: { type: "boolean", description: "Whether to go on", required: true } },
    },
    route: { type: "string", description: "Room to ask in: as channel of an announcement; here where it is empty", default: "" },
    roles: { type: "array", description: "Roles one of which whoever answers must have", default: [] },
    users: { type: "array", description: "People who may answer", default: [] },
    ttl: { type: "integer", description: "Minutes until the question is over; 0: never", default: 1440 },
  },
};
