import type { Change } from "./state.ts";

/** What people saw happen, and when. A message that two tries said twice stood twice from the second's `appeared` to a `gone`. */
export interface JournalEntry {
  /** Milliseconds since the epoch. */
  at: number;
  what: "appeared" | "reworded" | "gone" | "reacted" | "unreacted";
  channel: string;
  /** Of the message. */
  ts: string;
  /** Who wrote the message, or reacted. */
  user: string;
  /** Absent where it is gone. */
  text?: string;
}

export class Journal {
  readonly entries: JournalEntry[] = [];

  write(at: number, change: Change): void {
    const { channel } = change;
    this.entries.push({ at, channel: channel.id, ...entryOf(change) });
  }
}

function entryOf(change: Change): Omit<JournalEntry, "at" | "channel"> {
  switch (change.kind) {
    case "posted":
      return { what: "appeared", ts: change.message.ts, user: change.message.user, text: change.message.text };
    case "whispered":
      return { what: "appeared", ts: change.ephemeral.ts, user: change.ephemeral.user, text: change.ephemeral.text };
    case "edited":
      return { what: "reworded", ts: change.message.ts, user: change.message.user, text: change.message.text };
    case "deleted":
      return { what: "gone", ts: change.previous.ts, user: change.previous.user };
    case "reacted":
      return { what: change.added ? "reacted" : "unreacted", ts: change.message.ts, user: change.user, text: change.name };
  }
}
