import type { Parameter } from "@bellhop/contracts";

const shell: Readonly<Record<string, Parameter>> = {
  cwd: { type: "string", description: "Folder that the command runs in" },
  env: { type: "object", description: "Environment variables" },
  kwarg_op: { type: "string", description: "What stands before the names of arguments", default: "--" },
  sudo: { type: "boolean", description: "Run as another user", default: false },
  sudo_password: { type: "string", description: "Password for sudo", secret: true },
  timeout: { type: "number", description: "Seconds until it is stopped" },
};

const toWhom: Readonly<Record<string, Parameter>> = {
  user: { type: "string", description: "Id of the person who is called by name, or who alone sees it" },
  whisper: { type: "boolean", description: "Whether only that person may see it", default: false },
};

const beside: Parameter = {
  type: "object",
  description: "What is shown beside the words, as aliases have it: cards, slack, discord, matrix",
};

/** StackStorm's, for its own way to the chat. */
const unheeded: Readonly<Record<string, Parameter>> = {
  context: { type: "object", description: "Not used" },
  route: { type: "string", description: "Not used" },
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
    ...toWhom,
    thread_id: { type: "string", description: "Id that the platform has for a thread to say it in" },
    extra: beside,
    ...unheeded,
  },
  post: {
    text: { type: "string", description: "What to say, in Markdown", required: true },
    to: { description: "Room or rooms to say it in: as channel of an announcement. Default: where it stands, else here" },
    key: { type: "string", description: "Its name: what is posted under the same one takes its place" },
    thread: { type: "string", description: "Name of what was posted, in whose thread it is said" },
    thread_id: { type: "string", description: "Id that the platform has for a thread to say it in" },
    account: { type: "string", description: "Account that says it, where there are several" },
    extra: beside,
  },
  "post-result": {
    execution_id: { type: "string", description: "Run whose result it is", required: true },
    channel: { type: "string", description: "Room to say it in: as channel of an announcement", default: "here" },
    account: { type: "string", description: "Account that says it, where there are several" },
    ...toWhom,
    ...unheeded,
  },
  "format-result": { execution_id: { type: "string", description: "Run whose result it is", required: true } },
  fire: {
    trigger: { type: "string", description: "What happens: PACK.TRIGGER", required: true },
    payload: { type: ["object", "array"], description: "What rules may look at", default: {} },
    key: { type: "string", description: "Its name: under one key it happens once", default: "" },
    trace_tag: { type: "string", description: "What the chain that it begins is called", default: "" },
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
    thread: { type: "string", description: "Name of what was posted, in whose thread it is asked", default: "" },
    roles: { type: "array", description: "Roles one of which whoever answers must have", default: [] },
    users: { type: "array", description: "People who may answer", default: [] },
    ttl: { type: "integer", description: "Minutes until the question is over; 0: never", default: 1440 },
  },
};
