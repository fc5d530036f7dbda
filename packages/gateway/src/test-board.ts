import type { Send } from "@bellhop/contracts";
import type { Adapter, Call, Capabilities, Inbox, Lane, Place, Resolution, SendResult } from "./adapter.ts";

export interface Note {
  readonly ref: string;
  readonly key: string;
  text: string;
  readonly by: string;
  readonly channel: string;
  readonly thread?: string;
  readonly only?: string;
  readonly again?: boolean;
}

/** What happens to a call on its way. */
export type Fault = SendResult | "none" | "answer lost" | "request lost" | "never comes" | "never answered";

/** On its way for as long as nobody lets it go; meets its fault then. */
export type Held = Promise<Fault | void>;

const capabilities: Capabilities = {
  thread: "none",
  direct: "native",
  mention: "none",
  edit: "native",
  delete: "native",
  reaction: "native",
  typing: "native",
  ephemeral: "native",
  file: "native",
  table: "none",
  press: "none",
  form: "none",
  once: "emulated",
  catchUp: "none",
};

/** A platform in memory: a wall that people read. `|` in a text begins a new piece. */
export class Board {
  readonly account: string;
  /** What the next calls meet. */
  readonly faults: (Fault | Held)[] = [];
  /** Every call that was made: its kind, and what it was about. */
  readonly calls: string[] = [];
  readonly reactions = new Set<string>();
  /** How many calls will never be answered. */
  unanswered = 0;
  /** Nobody answers. */
  away = false;
  /** Nothing can be looked for. */
  blind = false;
  /** Done while somebody looks: what they find is from before. */
  meanwhile: (() => Promise<unknown>) | undefined;
  /** Nothing can be reworded or taken back. */
  plain = false;
  settleMs: number | undefined;
  lanes: ((channel: string, kind: Call["kind"]) => Lane[]) | undefined;
  #notes: Note[] = [];
  #named = 0;
  readonly #watching = new Set<() => void>();

  constructor(account: string) {
    this.account = account;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  texts = () => this.#notes.map(({ text }) => text);

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#watching.delete(look);
        resolve();
      };
      this.#watching.add(look);
      look();
    });
  }

  /** @param by stands in what this one posts */
  adapter(by: string, connected: (inbox: Inbox) => void = () => {}): Adapter<string> {
    const { account, blind, plain, settleMs, lanes } = this;
    const write = ({ body }: Send) => [...body.text.split("|"), ...(body.files ?? []).map((file) => `file ${JSON.stringify(file)}`)];
    return {
      platform: "board",
      account,
      capabilities: { ...capabilities, ...(plain && { edit: "none", delete: "none" }) },
      ...(settleMs !== undefined && { settleMs }),
      connect: async (inbox) => connected(inbox),
      disconnect: async () => {},
      write,
      post: (piece, at) => this.#call(`post ${piece}`, async () => this.#post(piece, by, at)),
      ...(!plain && {
        reword: (piece, { ref }) => this.#call(`reword ${piece}`, () => this.#reword(piece, ref)),
        remove: ({ ref }) => this.#call(`remove ${ref}`, () => this.#remove(ref)),
      }),
      ...(!blind && { find: (piece, { key }) => this.#find(piece, key) }),
      react: ({ emoji, gone }) =>
        this.#call(`${gone ? "take back" : "react"} ${emoji}`, () => {
          if (gone) this.reactions.delete(emoji);
          else this.reactions.add(emoji);
          return { kind: "sent", ref: emoji };
        }),
      type: async ({ channel }) => {
        this.calls.push(`type ${channel}`);
        this.#changed();
      },
      ...(lanes !== undefined && { lanes: ({ to, kind }) => lanes(to.channel, kind) }),
    };
  }

  async #call(name: string, does: () => SendResult | Promise<SendResult>): Promise<SendResult> {
    this.calls.push(name);
    this.#changed();
    if (this.away) return { kind: "unavailable", why: "away" };
    const next = this.faults.shift();
    const fault = next instanceof Promise ? await next : next;
    const answer = typeof fault === "object" ? fault : undefined;
    const isLost = fault === "request lost" || fault === "never comes" || answer !== undefined;
    const result = isLost ? answer : await does();
    this.#changed();
    if (fault === "never comes" || fault === "never answered") {
      this.unanswered += 1;
      return new Promise(() => {});
    }
    return fault === "answer lost" || result === undefined ? { kind: "unsure", why: "time-out" } : result;
  }

  async #post(piece: string, by: string, at: Place): Promise<SendResult> {
    const { key, to, only, again } = at;
    const file = piece.startsWith("file ") ? JSON.parse(piece.slice(5)) : undefined;
    const text = file === undefined ? piece : `${file.name}: ${new TextDecoder().decode(await at.read(file))}`;
    const ref = `n${++this.#named}`;
    this.#notes.push({
      ref,
      key,
      text,
      by,
      channel: to.channel,
      ...(to.thread && { thread: to.thread }),
      ...(only && { only }),
      ...(again && { again }),
    });
    return { kind: "sent", ref };
  }

  #reword(piece: string, ref: string): SendResult {
    const note = this.#notes.find((one) => one.ref === ref);
    if (note === undefined) return { kind: "refused", why: "it is gone", gone: true };
    note.text = piece;
    return { kind: "sent", ref };
  }

  #remove(ref: string): SendResult {
    this.#notes = this.#notes.filter((note) => note.ref !== ref);
    return { kind: "sent", ref };
  }

  async #find(piece: string, key: string): Promise<Resolution> {
    this.calls.push(`find ${piece}`);
    const found = this.#notes.find((note) => note.key === key);
    const act = this.meanwhile;
    this.meanwhile = undefined;
    await act?.();
    return found === undefined ? { kind: "not-there" } : { kind: "sent", ref: found.ref };
  }

  #changed(): void {
    for (const look of this.#watching) look();
  }
}
