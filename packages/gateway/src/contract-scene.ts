import { createHash } from "node:crypto";
import type { Form, Message, Send } from "@bellhop/contracts";
import type { Adapter, Heard, Place, SendResult } from "./adapter.ts";
import { pieceKey } from "./next-step.ts";
import type { Stage } from "./stage.ts";
import { testInbox, type TestInbox } from "./test-inbox.ts";

/** Where a piece of a send goes, as the gateway says it. `files`: contents by the `object` of their references. */
export function placeOf(send: Send, piece = 0, { again, files }: { again?: boolean; files?: ReadonlyMap<string, Uint8Array> } = {}): Place {
  return {
    to: send.to,
    key: pieceKey(send, piece),
    only: send.only,
    again,
    revision: send.revision,
    async read({ name, object }) {
      const bytes = files?.get(object ?? "");
      if (bytes === undefined) throw new Error(`nobody has ${name}`);
      return bytes;
    },
  };
}

/** One case of the contract: its stage and adapter, and what cases do with them. */
export type ContractScene = ReturnType<typeof createScene>;

export function createScene(start: () => Promise<Stage>) {
  let stage: Stage | undefined;
  let adapter: Adapter | undefined;
  const scene = {
    get stage(): Stage {
      if (stage === undefined) throw new Error("the case has not begun");
      return stage;
    },
    get adapter(): Adapter {
      if (adapter === undefined) throw new Error("the case has not begun");
      return adapter;
    },
    async begin(): Promise<void> {
      stage = await start();
      adapter = await stage.adapter();
    },
    /** From now on it is another adapter of the same account. */
    async beginAnew(): Promise<void> {
      adapter = await scene.stage.adapter();
    },
    async end(): Promise<void> {
      await adapter?.disconnect();
      await stage?.close();
    },
    asked,
    listening,
    replyTo,
    firstOf,
    post,
    say,
    longReply,
  };
  return scene;

  /** Connects, and gives the message that a person's command becomes. */
  async function asked(command: string): Promise<Message> {
    return (await listening(() => scene.stage.say(command))).message;
  }

  /** Connects, lets a person say something, and gives the message it becomes and a way to wait for what comes after it. */
  async function listening(say: () => Promise<void>, options: Ears = {}) {
    const ears = createEars(undefined, options);
    await scene.adapter.connect(ears.inbox);
    await say();
    const { message } = await ears.next("message");
    return { message, next: ears.next, inbox: ears.inbox };
  }

  function replyTo(message: Message, text: string, rest: Partial<Send> = {}): Send {
    const { platform, account } = scene.adapter;
    const body = { text, tone: "info" } as const;
    return { v: 1, key: `${message.key}#0`, revision: 1, platform, account, to: message.replyTo, body, final: true, ...rest };
  }

  function firstOf(send: Send): unknown {
    return scene.adapter.write(send)[0];
  }

  function post(send: Send, again?: boolean): Promise<SendResult> {
    return scene.adapter.post(firstOf(send), placeOf(send, 0, { again }));
  }

  /** Says a send whole; the references of its pieces. */
  async function say(send: Send, files?: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
    const refs: string[] = [];
    for (const [at, piece] of scene.adapter.write(send).entries())
      refs.push(refOf(await scene.adapter.post(piece, placeOf(send, at, { files }))));
    return refs;
  }

  /** The shortest reply of numbered lines that takes several pieces; undefined where nothing does. */
  function longReply(message: Message): { send: Send; lines: number } | undefined {
    for (let lines = 16; lines <= 16_384; lines *= 2) {
      const text = Array.from({ length: lines }, (_, at) => `line ${at + 1} of a text that is long enough to matter`).join("\n");
      const send = replyTo(message, text);
      if (scene.adapter.write(send).length > 1) return { send, lines };
    }
    return undefined;
  }
}

type HeardOf<Kind extends Heard["kind"]> = Extract<Heard, { kind: Kind }>;

/** `receive`: hears first, and what it throws is what storing throws. `forms`: by the presses that open them. */
interface Ears {
  receive?: (heard: Heard) => void;
  forms?: ReadonlyMap<string, Form>;
}

/** An inbox whose news can be waited for, kind by kind, each once. `earlier`: the inbox whose marks it has. */
export function createEars(earlier?: TestInbox, { receive, forms }: Ears = {}) {
  const waiting: Heard[] = [];
  let wake = Promise.withResolvers<void>();
  const inbox = testInbox({
    marked: earlier?.marked,
    forms,
    receive(one) {
      receive?.(one);
      waiting.push(one);
      wake.resolve();
    },
  });
  const next = async <Kind extends Heard["kind"]>(kind: Kind): Promise<HeardOf<Kind>> => {
    for (;;) {
      const found = waiting.find((one): one is HeardOf<Kind> => one.kind === kind);
      if (found !== undefined) {
        waiting.splice(waiting.indexOf(found), 1);
        return found;
      }
      wake = Promise.withResolvers<void>();
      await wake.promise;
    }
  };
  return { inbox, next };
}

function refOf(result: SendResult): string {
  if (result.kind !== "sent") throw new Error(`not sent: ${result.kind} (${result.why})`);
  return result.ref;
}

/** A file and how a message refers to it. */
export function fileOf(name: string, type: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  const object = createHash("sha256").update(bytes).digest("hex");
  return { bytes, reference: { name, type, bytes: bytes.byteLength, object } };
}
