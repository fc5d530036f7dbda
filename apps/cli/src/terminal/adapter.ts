import { userInfo } from "node:os";
import { messageKey, type Address, type Message, type Person, type Send } from "@bellhop/contracts";
import type { Adapter, Inbox } from "@bellhop/gateway";
import type { Journal } from "./journal.ts";

/** A prompt as an account of the platform `terminal`. */
export interface TerminalAdapter extends Adapter {
  /** Where replies to this prompt go. */
  readonly address: Address;
  /** Lines by the keys of their messages. */
  readonly said: ReadonlyMap<string, string>;
  /** Says a line as the person at the prompt; resolves with its key once it is stored. */
  say(line: string): Promise<string>;
}

const conversation = { channel: "prompt", kind: "direct" } as const;

/** @param options.show writes a reply, at once: when it returns, the words have left */
export function terminalAdapter(options: { journal: Journal; show: (send: Send) => void; person?: Person }): TerminalAdapter {
  const { journal, show, person = personHere() } = options;
  const { account } = journal;
  const address: Address = { platform: "terminal", account, channel: conversation.channel };
  const connected = Promise.withResolvers<Inbox>();
  let inbox = connected.promise;
  const said = new Map<string, string>();
  let shown = 0;
  return {
    platform: "terminal",
    account,
    capabilities: { edit: false },
    address,
    said,
    async connect(given) {
      connected.resolve(given);
      inbox = Promise.resolve(given);
    },
    async disconnect() {},
    async say(line) {
      const message = toMessage({ line, account, address, person, id: String(said.size + 1), sentAt: new Date().toISOString() });
      said.set(message.key, line);
      await askedIn(
        journal,
        message.key,
        inbox.then(async (given) => await given.receive(message)),
      );
      return message.key;
    },
    // oxlint-disable-next-line require-await -- a terminal answers at once; other platforms don't
    async send(send) {
      const words = wordsOf(send);
      // The gateway asks again only when it lost its own record of it.
      if (!journal.wasShown(words)) {
        show(send);
        journal.shown(words);
      }
      if (send.final && send.answers !== undefined) journal.answered(send.answers);
      shown += 1;
      return { kind: "sent", ref: String(shown) };
    },
    async resolve(send) {
      return journal.wasShown(wordsOf(send)) ? { kind: "sent", ref: wordsOf(send) } : { kind: "not-there" };
    },
  };
}

/** Notes an ask while it is being stored. What can't be stored will not be answered. */
export async function askedIn(journal: Journal, key: string, storing: Promise<unknown>): Promise<void> {
  journal.asked(key);
  try {
    await storing;
  } catch (error) {
    journal.answered(key);
    throw error;
  }
  journal.stored(key);
}

/** A line as a message. The leading `!` that other platforms want may be typed here as well. */
export function toMessage(at: { line: string; account: string; address: Address; person: Person; id: string; sentAt: string }): Message {
  const { line, account, address, person, id, sentAt } = at;
  return {
    v: 1,
    key: messageKey({ platform: "terminal", account, conversation, id }),
    platform: "terminal",
    account,
    conversation,
    author: person,
    content: { text: line.trim().replace(/^!\s*/, "") },
    addressed: "prompt",
    origin: "live",
    replyTo: { ...address, message: id },
    sentAt,
  };
}

/** Whoever runs this process. */
export function personHere(): Person {
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    // Containers run under user ids that have no name.
    name = `uid-${process.getuid?.() ?? "unknown"}`;
  }
  return { platform: "terminal", id: name, name, kind: "human" };
}

function wordsOf(send: Pick<Send, "key" | "revision">): string {
  return `${send.key}/${send.revision}`;
}
