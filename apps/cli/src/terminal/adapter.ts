import { userInfo } from "node:os";
import { messageKey, textWithCards, type Address, type Message, type Person, type Send } from "@bellhop/contracts";
import { choiceLines, pressables, type Adapter, type Capabilities, type Inbox, type Pressable } from "@bellhop/gateway";
import type { Journal } from "./journal.ts";

/** A prompt as an account of the platform `terminal`. A send is one piece: what is shown. */
export interface TerminalAdapter extends Adapter<Send> {
  /** Where replies to this prompt go. */
  readonly address: Address;
  /** Lines by the keys of their messages. */
  readonly said: ReadonlyMap<string, string>;
  /** Says a line as the person at the prompt; resolves with its key once it is stored. */
  say(line: string): Promise<string>;
}

const capabilities: Capabilities = {
  thread: "none",
  direct: "none",
  mention: "none",
  edit: "none",
  delete: "none",
  reaction: "none",
  typing: "none",
  // Nobody else sees it.
  ephemeral: "native",
  // Named, with their size.
  file: "emulated",
  table: "emulated",
  // Numbers and words, typed.
  press: "emulated",
  form: "none",
  once: "emulated",
  catchUp: "none",
};

const conversation = { channel: "prompt", kind: "direct" } as const;

/** @param options.show writes a reply, at once: when it returns, the words have left
 *  @param options.onSay hears of what is said before it is stored */
export function terminalAdapter(options: {
  journal: Journal;
  show: (send: Send) => void;
  onSay?: (message: Message) => void;
  person?: Person;
}): TerminalAdapter {
  const { journal, show, onSay, person = personHere() } = options;
  const { account } = journal;
  const address: Address = { platform: "terminal", account, channel: conversation.channel };
  const connected = Promise.withResolvers<Inbox>();
  let inbox = connected.promise;
  const said = new Map<string, string>();
  /** Keys of what has its final reply. */
  const over = new Set<string>();
  let shown = 0;
  /** What was offered last, for whoever types a number alone. */
  let offered: { key: string; pressable: readonly Pressable[] } | undefined;
  return {
    platform: "terminal",
    account,
    capabilities,
    address,
    said,
    async connect(given) {
      connected.resolve(given);
      inbox = Promise.resolve(given);
    },
    async disconnect() {},
    async say(typed) {
      const line = (/^\s*\d{1,2}\s*$/.test(typed) ? offered?.pressable[Number(typed) - 1]?.words : undefined) ?? typed;
      const message = toMessage({ line, account, address, person, id: String(said.size + 1), sentAt: new Date().toISOString() });
      said.set(message.key, line);
      onSay?.(message);
      await askedIn(
        journal,
        message.key,
        inbox.then(async (given) => await given.receive({ kind: "message", message })),
      );
      return message.key;
    },
    write: (send) => [withChoices(withFileNames(withCards(send)))],
    // oxlint-disable-next-line require-await -- a terminal answers at once; other platforms don't
    async post(send, { key }) {
      // The gateway asks again only when it lost its own record of it.
      if (!journal.wasShown(key)) {
        show(send);
        journal.shown(key);
      }
      const { choices } = send.body;
      if (choices !== undefined) offered = { key: send.key, pressable: pressables(choices) };
      else if (offered?.key === send.key) offered = undefined;
      for (const key of send.follow ?? []) if (!over.has(key)) await askedIn(journal, key, Promise.resolve());
      if (send.final && send.answers !== undefined) {
        over.add(send.answers);
        journal.answered(send.answers);
      }
      shown += 1;
      return { kind: "sent", ref: String(shown) };
    },
    async find(_, { key }) {
      return journal.wasShown(key) ? { kind: "sent", ref: key } : { kind: "not-there" };
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

function withChoices(send: Send): Send {
  const { choices, text } = send.body;
  if (choices === undefined) return send;
  const hint = pressables(choices).length > 0 ? "Type a number, or the words." : "Type the words.";
  const lines = choiceLines(choices, { number: (nth) => `${nth + 1}`, hint });
  return { ...send, body: { ...send.body, text: `${text}\n\n${lines}` } };
}

/** A terminal shows no files: it says that they are there. */
function withCards(send: Send): Send {
  return send.body.cards === undefined ? send : { ...send, body: { ...send.body, text: textWithCards(send.body) } };
}

function withFileNames(send: Send): Send {
  const { files = [] } = send.body;
  if (files.length === 0) return send;
  const lines = files.map(({ name, bytes, lost }) => `- file ${name} (${lost === undefined ? `${bytes} bytes` : "could not be kept"})`);
  return { ...send, body: { ...send.body, text: [send.body.text, lines.join("\n")].filter(Boolean).join("\n\n") } };
}
