import type { Bus } from "@bellhop/bus";
import type { Durations, Message, Send } from "@bellhop/contracts";
import { runGateway } from "@bellhop/gateway";
import type { Log, Service } from "@bellhop/service";
import { askedIn, terminalAdapter, type TerminalAdapter } from "./adapter.ts";
import { journalsOfTheDead, newJournal, type Journal } from "./journal.ts";
import { liveLines } from "./live-lines.ts";

/** One prompt's conversation with the product. */
export interface Session {
  readonly address: TerminalAdapter["address"];
  /** Resolves with the line's key once it is stored. */
  say(line: string): Promise<string>;
  /** Waits for the reply to something that is asked in another way than by saying it; resolves once that is stored. */
  expect(key: Message["key"], storing: Promise<unknown>): Promise<void>;
  /** Keys of what has no final reply yet. */
  readonly open: ReadonlySet<string>;
  /** Resolves when everything asked so far has its final reply. */
  settled(): Promise<void>;
  /** Resolves when what was said elsewhere before, and is known to be owed, was shown. */
  earlierSettled(): Promise<void>;
  /** Final replies by what they answer. */
  readonly finals: ReadonlyMap<string, Send>;
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Writes a reply, at once. `line` is what it answers, where this prompt said it. */
export type Show = (send: Send, about: { from: "this prompt" | "an earlier prompt"; line?: string }) => void;

export interface SessionOptions {
  bus: Bus;
  folder: string;
  durations: Durations;
  log: Log;
  /** Who reads here: what is said to a room, a person alone. */
  reader: "person" | "program";
  show: Show;
  /** Prints what commands print while they work; nothing of that is shown when not given. */
  print?: (text: string) => void;
  /** Whether to show what prompts that are over were still owed. */
  takeOver: boolean;
}

/** Opens an account of its own on the terminal platform and, where told so, takes over those of prompts that are over. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { bus, folder, durations, log, reader, show, print, takeOver } = options;
  const live = print === undefined ? undefined : liveLines({ bus, afterMs: durations.showOutputAfter, print });
  const journal = newJournal(folder, reader);
  const finals = new Map<string, Send>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const adapter: TerminalAdapter = terminalAdapter({
    journal,
    onSay: (message) => live?.follow(message),
    show(send) {
      if (send.final && send.answers !== undefined) live?.over(send.answers);
      show(send, { from: "this prompt", line: adapter.said.get(send.answers ?? "") });
      if (send.final && send.answers !== undefined) finals.set(send.answers, send);
      // The adapter notes the answer after this.
      queueMicrotask(changed);
    },
  });
  // Each gateway joins by itself: a lease that is lost while NATS restarts is then taken anew.
  const host = { bus, log, durations, removeIdleAfterMs: 60_000 };
  const gateway = await runGateway({ ...host, adapter });
  const earlier = takeOver ? journalsOfTheDead(folder).map((old) => adopt(old)) : [];

  return {
    address: adapter.address,
    say: (line) => adapter.say(line),
    expect: (key, storing) => askedIn(journal, key, storing),
    open: journal.open,
    settled: () => until(() => journal.open.size === 0, listeners),
    earlierSettled: () => until(() => earlier.every((one) => one.journal.open.size === 0), listeners),
    finals,
    failed: gateway.failed,
    async close() {
      live?.stop();
      const open = [gateway, ...(await Promise.all(earlier.map((one) => one.service)))];
      await Promise.all(open.map(async (service) => await service?.stop()));
      for (const one of [journal, ...earlier.map(({ journal: old }) => old)]) if (one.open.size === 0) one.remove();
    },
  };

  function adopt(old: Journal): { journal: Journal; service: Promise<Service | undefined> } {
    const stand = terminalAdapter({
      journal: old,
      show(send) {
        // What is said to the room of all prompts is said at this one as well.
        const isForAll = send.refusalTo !== undefined && send.refusalTo.account !== old.account;
        if (!isForAll) show(send, { from: "an earlier prompt" });
        queueMicrotask(changed);
      },
    });
    const service = runGateway({ ...host, adapter: stand }).catch((error: unknown) => {
      log.warn({ account: old.account, why: String(error) }, "an earlier prompt could not be taken over");
      return undefined;
    });
    return { journal: old, service };
  }
}

function until(isSo: () => boolean, listeners: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      listeners.delete(look);
      resolve();
    };
    listeners.add(look);
    look();
  });
}
