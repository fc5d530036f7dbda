import {
  holdsSealed,
  masked,
  messageKey,
  problem,
  runId,
  shardOfKey,
  textWithCards,
  type Body,
  type Bookmark,
  type Command,
  type FileRef,
  type Message,
  type Outcome,
  type PackVersion,
  type Question,
  type Run,
  type Send,
} from "@bellhop/contracts";
import {
  decide,
  emptyCatalog,
  mainTask,
  pageOf,
  policyOf,
  readOn,
  receive,
  renderProblem,
  withPack,
  type Catalog,
  type ConfigLayer,
  type Decision,
  type RunPlan,
} from "@bellhop/core";
import { mediaType } from "../files.ts";
import { conductRun } from "./conduct.ts";
import { closed, keptValues, openedAll } from "./kept-values.ts";
import { readPackIn } from "./pack.ts";
import { postedHere } from "./posted.ts";
import { rowsIn } from "./rows.ts";
import type { Attachment, GivenFiles } from "./run-action.ts";
import { playTranscript } from "./transcript.ts";
import { work, type Attempt, type TestAnswer, type Worked } from "./work.ts";

/** What {@link openChat} takes. */
export interface ChatOptions {
  /** The pack's folder: `import.meta.dirname` in its `pack.test.ts`. */
  readonly pack: string;
  /** Values of the pack's configuration; what is missing has the defaults of its schema. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Values of its named instances, on top of these: what a command means by `config=NAME`. */
  readonly instances?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What actions give instead of being carried out, by their name in the pack. */
  readonly answers?: Readonly<Record<string, TestAnswer>>;
  /** What the pack keeps, by name, and with `system.` before the name what the installation does: what actions change is in it afterwards. Absent: one that is
   *  empty at first, and this chat's. */
  readonly kv?: Map<string, unknown>;
}

/** What a chat shows in answer to a command. */
export interface Reply {
  /** CommonMark, as every platform is given it. */
  readonly text: string;
  /** `refused`: nothing was run. */
  readonly outcome: "ok" | "failed" | "refused";
  /** The action that was run, as `pack.name`. */
  readonly action?: string;
  /** What it was given, complete with defaults. Secrets read `[secret]`. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** What it gave, also where it failed and kept a result. */
  readonly result?: unknown;
  /** The rows of the first table in the text, by the table's headings. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** What the action attached. */
  readonly files: readonly Attachment[];
  /** Nobody but who asked would see it. */
  readonly whisper: boolean;
}

/** A chat with one pack, and with nobody else in it. */
export interface Chat {
  /** Says a command and waits for the reply to it. Commands are answered one after another.
   *  @param options.files what comes with the command, by name */
  say(text: string, options?: { files?: GivenFiles }): Promise<Reply>;
  /** Says every line that begins with `you> `, and compares each reply with what stands below it: a line that begins with `bot> `, and those
   *  after it up to the next `you> `. `…` there stands for anything. A file that came with a reply is a line `[name]` of its own.
   *  @param source a transcript, or the path of a file in the pack: of Markdown, the fenced blocks that begin with `you> `
   *  @throws AssertionError that shows the whole as it is and as it should be */
  expectTranscript(source: string): Promise<void>;
}

/** Opens a chat with a pack. What is said goes the way of an owner's message at a terminal: the engine's own decisions find the alias, cast and
 *  check the parameters and word the reply; there is no NATS. TypeScript actions run in this process, scripts as programs of this machine.
 *
 *      import assert from "node:assert/strict";
 *      import { openChat } from "@bellhop/sdk/testing";
 *
 *      const chat = await openChat({ pack: import.meta.dirname });
 *      assert.equal((await chat.say("deploy api")).text, "Deployed: https://api.example.com");
 *
 *  Definitions are read and checked as `bellhop pack check` does it, for which the pack has `@bellhop/pack-loader` in its `devDependencies`.
 *  @throws Error that tells what is wrong with the pack, with file, line and column */
export async function openChat(options: ChatOptions): Promise<Chat> {
  const scene: Scene = { options: { kv: new Map(), ...options }, version: await readPackIn(options.pack), said: 0, kept: new Map() };
  let last: Promise<unknown> = Promise.resolve();
  const say: Chat["say"] = (text, { files = {} } = {}) => {
    const reply = last.then(() => answer(scene, { text, files }));
    last = reply.catch(() => undefined);
    return reply;
  };
  return { say, expectTranscript: (source) => playTranscript({ source, folder: options.pack, say }) };
}

interface Scene {
  readonly options: ChatOptions;
  readonly version: PackVersion;
  /** How many commands were. */
  said: number;
  /** Texts that were too long to be said at once, by their hash. */
  readonly kept: Map<string, string>;
  bookmark?: Bookmark;
  /** What the last command lacked. */
  question?: Question;
}

interface Said {
  readonly text: string;
  readonly files: GivenFiles;
}

const policy = policyOf({ owners: [], file: [], rules: [] });

async function answer(scene: Scene, said: Said): Promise<Reply> {
  const message = messageOf(said, ++scene.said);
  const catalog = withPack(emptyCatalog, scene.version);
  const { question } = scene;
  delete scene.question;
  const about = { catalog, policy, message, runs: [], now: message.sentAt, datastore: keptIn(scene) };
  const verdict = receive({ ...about, ...(question === undefined ? {} : { question }) });
  switch (verdict.kind) {
    case "run":
      return await run(scene, { message, plan: verdict.plan, files: said.files });
    case "runs":
      return await runEach(scene, { message, plans: verdict.plans, files: said.files });
    case "ask": {
      const { key, replyTo: to, author: asker, sentAt: askedAt } = message;
      scene.question = { v: 1, key, run: key, asker, to, direct: true, ...verdict.lacking, askedAt };
      return answered({ body: verdict.body, outcome: "refused" });
    }
    case "unheard":
      throw new Error("every line of this chat is a call");
    case "answer":
      return answered(verdict);
    case "more":
      return nextPage(scene, message, verdict.run);
    case "cancel":
    case "pause":
    case "resume":
      return answered({ body: renderProblem(problem("run_unknown", { run: verdict.run })), outcome: "refused" });
    case "schedule":
    case "unschedule":
      return answered({ body: { text: "Time stands still in this chat: nothing can be scheduled.", tone: "info" }, outcome: "refused" });
    case "access":
    case "claim":
      return answered({ body: { text: "There is nobody else in this chat.", tone: "info" }, outcome: "refused" });
  }
}

function messageOf({ text, files }: Said, number: number): Message {
  const place = { platform: "terminal", account: "test" };
  const conversation = { channel: "test", kind: "direct" } as const;
  const refs: FileRef[] = Object.entries(files).map(([name, content]) => {
    return { name, type: mediaType(name), bytes: Buffer.byteLength(content), object: name };
  });
  return {
    v: 1,
    key: messageKey({ ...place, conversation, id: String(number) }),
    ...place,
    conversation,
    author: { platform: "terminal", id: "you", name: "you", kind: "human" },
    content: { text, ...(refs.length === 0 ? {} : { files: refs }) },
    addressed: "prompt",
    origin: "live",
    replyTo: { ...place, channel: conversation.channel },
    sentAt: new Date().toISOString(),
  };
}

async function run(scene: Scene, at: { message: Message; plan: RunPlan; files: GivenFiles }): Promise<Reply> {
  const { message, plan, files } = at;
  const { key, author: asker, replyTo, sentAt } = message;
  const id = runId({ key, at: sentAt, shard: shardOfKey(key) });
  const catalog = withPack(emptyCatalog, scene.version);
  const asked = { id: key, at: sentAt, kind: "asked", run: id, plan: sealed(plan), asker, replyTo, answers: key } as const;
  const settings = { lateResult: 0, catalog, datastore: keptIn(scene), open: openedAll };
  const begun = decide(undefined, asked, settings);
  if (begun.kind === "unchanged") throw new Error("a run that was asked for must begin");
  if (begun.run.workflow !== undefined) return await runWorkflow(scene, { begun, catalog, plan });
  // The engine makes announcements itself: then there is no work to do.
  if (begun.run.endedAt !== undefined) return ending(scene, { ended: begun, output: valueOf(begun.run), attached: [] });
  const definition = scene.version.actions.find(({ ref }) => ref === plan.action);
  if (definition === undefined) throw new Error(`${plan.action} was planned, and is not there`);
  const { posts } = plan.task;
  const worked =
    posts === undefined
      ? await workOn(scene, { definition, plan, run: id, files })
      : { ...postedHere({ key: id, ...posts }), attached: [] };
  const outcome: Outcome = { ...worked.outcome, files: worked.attached.map(refOf) };
  const attempt = { run: id, task: mainTask, attempt: 1 };
  const ended = decide(begun.run, {
    id: `${id}/finished`,
    at: new Date().toISOString(),
    kind: "finished",
    finished: { v: 1, ...attempt, runner: "test", outcome },
    output: worked.output,
  });
  if (ended.kind === "unchanged") throw new Error("a run whose action has ended must end");
  return ending(scene, { ended, output: worked.output, attached: worked.attached });
}

/** The actions of a workflow are those of this pack; of others, those that have an answer. */
async function runWorkflow(
  scene: Scene,
  { begun, catalog, plan }: { begun: Extract<Decision, { kind: "changed" }>; catalog: Catalog; plan: RunPlan },
): Promise<Reply> {
  const attached: Attachment[] = [];
  const ended = await conductRun({
    begun,
    settings: { lateResult: 0, catalog, datastore: keptIn(scene), open: openedAll },
    work: async ({ run: id, action, input, timeoutMs }) => {
      const definition = catalog.actions.get(action);
      if (definition === undefined) throw new Error(`${action} was planned, and is not there`);
      const task = { ...plan.task, action, input: openedFields(input), timeoutMs };
      const secrets = Object.keys(input).filter((name) => holdsSealed(input[name]));
      const worked = await workOn(scene, { definition, plan: { ...plan, action, task, secrets }, run: id, files: {} });
      attached.push(...worked.attached);
      return { outcome: { ...worked.outcome, files: worked.attached.map(refOf) }, output: worked.output };
    },
  });
  return ending(scene, { ended, output: valueOf(ended.run), attached });
}

function workOn(scene: Scene, attempt: Pick<Attempt, "definition" | "plan" | "run" | "files">): Promise<Worked> {
  const { options, version } = scene;
  const { pack: folder, answers = {}, kv = new Map() } = options;
  return work({ ...attempt, folder, schema: version.config, config: layersOf(options), answers, kv });
}

/** One after the other; what they say is one reply, which fails where one of them does. */
async function runEach(scene: Scene, at: { message: Message; plans: readonly RunPlan[]; files: GivenFiles }): Promise<Reply> {
  const { message, plans, files } = at;
  const replies: Reply[] = [];
  for (const [index, plan] of plans.entries()) {
    replies.push(await run(scene, { message: { ...message, key: `${message.key}/part/${index + 1}` }, plan, files }));
  }
  const [first] = replies;
  if (first === undefined) throw new Error("several runs are some");
  const text = replies.map((reply) => reply.text).join("\n\n");
  const worst = replies.find(({ outcome }) => outcome !== "ok") ?? first;
  return { ...worst, text, rows: rowsIn(text), files: replies.flatMap((reply) => reply.files) };
}

function ending(
  scene: Scene,
  { ended, output, attached }: { ended: Extract<Decision, { kind: "changed" }>; output: unknown; attached: readonly Attachment[] },
): Reply {
  const { run: state, commands, kept = [] } = ended;
  for (const { object, text } of kept) scene.kept.set(object, text);
  const send = finalOf(commands);
  if (send.more !== undefined) scene.bookmark = { v: 1, run: state.id, more: send.more };
  return {
    ...answered({ body: send.body, outcome: send.outcome ?? "ok" }),
    action: state.action,
    input: shown(state),
    ...(output === undefined ? {} : { result: output }),
    files: attached,
    whisper: send.only !== undefined,
  };
}

function valueOf({ output }: Run): unknown {
  return output !== undefined && "inline" in output ? output.inline : undefined;
}

function keptIn({ options, version }: Scene) {
  return keptValues({ version, kv: options.kv ?? new Map(), config: layersOf(options) });
}

function openedFields(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, openedAll(value)]));
}

function layersOf({ config = {}, instances = {} }: ChatOptions): ConfigLayer[] {
  const named = Object.entries(instances).map(([instance, values]) => ({ instance, from: "stored" as const, values }));
  return [{ from: "stored", values: config }, ...named];
}

/** With its secrets closed, which the work itself is given. */
function sealed(plan: RunPlan): RunPlan {
  const hidden = plan.secrets.map((name) => [name, closed(plan.task.input[name])] as const);
  return { ...plan, task: { ...plan.task, input: { ...plan.task.input, ...Object.fromEntries(hidden) } } };
}

function shown({ tasks, workflow }: Run): Record<string, unknown> {
  return masked((workflow?.task ?? tasks[mainTask])?.input ?? {}) as Record<string, unknown>;
}

function refOf({ name, type, content }: Attachment): FileRef {
  return { name, type, bytes: content.length, object: name };
}

/** The last word on what was asked. */
function finalOf(commands: readonly Command[]): Send {
  for (const command of commands)
    if (command.kind === "send" && command.send.final && command.send.answers !== undefined) return command.send;
  throw new Error("a run that has ended must say so");
}

function nextPage(scene: Scene, message: Message, named: string | undefined): Reply {
  const { bookmark, kept } = scene;
  const reading = readOn({ policy, message, ...(named === undefined ? {} : { named }), ...(bookmark === undefined ? {} : { bookmark }) });
  if (reading.kind === "answer") return answered(reading);
  const { body, more } = pageOf({ text: kept.get(reading.more.object) ?? "", ...reading });
  scene.bookmark = { v: 1, ...bookmark, more: { ...reading.more, ...more } };
  return answered({ body, outcome: "ok" });
}

function answered({ body, outcome }: { body: Body; outcome: Reply["outcome"] }): Reply {
  const text = textWithCards(body);
  return { text, outcome, rows: rowsIn(text), files: [], whisper: false };
}
