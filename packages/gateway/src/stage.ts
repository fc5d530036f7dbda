import type { Address } from "@bellhop/contracts";
import type { Adapter } from "./adapter.ts";

/** A platform as people and the network see it: a fake, or the real thing. */
export interface Stage {
  /** One and the same account, each time anew: not connected yet. */
  adapter(): Promise<Adapter>;
  /** A person writes a command where the bot hears it and others can read it, without the platform's way of calling: the stage adds that. */
  say(command: string): Promise<void>;
  /** A person writes something that is not for the bot. Absent where everything is. */
  chat?(text: string): Promise<void>;
  /** A person writes a command with a file. */
  sendFile?(command: string, file: { name: string; type: string; bytes: Uint8Array }): Promise<void>;
  /** The person rewords the last command; the stage adds the platform's way of calling. */
  editLast?(command: string): Promise<void>;
  /** The person takes the last command back. */
  deleteLast?(): Promise<void>;
  /** The person puts a reaction (Unicode) on the last command, or takes it back. */
  react?(emoji: string, added: boolean): Promise<void>;
  /** The person who wrote the last command presses what is so called below the bot's last message, or picks it. Resolves with whether the platform showed that it was
   *  taken. Absent where there is nothing to press. */
  press?(label: string): Promise<boolean>;
  /** The form that person has before them: its title, and what its fields are called. */
  form?(): Promise<{ title: string; fields: string[] } | undefined>;
  /** Fills that form in, by what its fields are called, and sends it. Resolves as `press` does. */
  submit?(values: Readonly<Record<string, string>>): Promise<boolean>;

  /** What everybody there sees of the bot, oldest first. */
  shown(): Promise<string[]>;
  /** What can be pressed below the bot's last message, as people read it. */
  pressable?(): Promise<string[]>;
  /** What only the person who wrote the last command sees of the bot, oldest first: in the same place, or by direct message. */
  shownAlone?(): Promise<string[]>;
  /** The bot's files that people see, oldest first. */
  files?(): Promise<{ name: string; bytes: Uint8Array }[]>;
  /** The bot's reactions (Unicode) on the last command. */
  reactions?(): Promise<string[]>;
  /** Whether people see that the bot is at it. */
  typing?(): Promise<boolean>;

  /** Where nobody can be told anything. Absent where there is no such place. */
  nowhere?: Address;
  /** Messages that the platform does not know we have, counted when nothing is on its way any more. Absent where it never knows. */
  unacknowledged?(): Promise<number>;
  /** The next post is carried out, and its answer lost. */
  loseAnswer?(): void;
  /** The next post is lost, and its answer with it. */
  loseRequest?(): void;
  /** The next post is turned away for now. */
  turnAway?(): void;
  close(): Promise<void>;
}
