import type { CallFault } from "@bellhop/testkit/slack";

export type PlatformName = "slack" | "discord" | "matrix";

/** Ana owns the installation, Ben may do nothing yet, Mallory never; Rover is a bot, not ours. */
export type Who = "ana" | "ben" | "mallory" | "rover";
export const everybody: readonly Who[] = ["ana", "ben", "mallory", "rover"];
export const mentions = /@(ana|ben|mallory|rover)\b/g;

export interface OpenOptions {
  /** Where the bot and everybody are, by the names that people call them. */
  rooms: readonly string[];
  /** The name of our account there, where it has several. */
  account?: string;
}

/** A platform as people see it, and the ways in which it can fail us. */
export interface Platform {
  readonly name: PlatformName;
  /** For the process of its gateway: where the platform is, and who we are there. */
  readonly env: Readonly<Record<string, string>>;
  /** As bellhop.yaml names them. */
  identity(who: Who): string;
  roomId(room: string): string;
  /** Connections on which the bot hears. */
  connections(): number;
  say(words: Words): Promise<Said>;
  /** Presses what is so called below what the bot said, or whatever stands for it there. Resolves with whether the platform showed that it was taken. */
  press(shown: Shown, label: string, who?: Who): Promise<boolean>;
  /** Fills in the form that this person has before them, by what its fields are called. Absent where there are none. */
  submit?(values: Readonly<Record<string, string>>, who?: Who): Promise<boolean>;
  /** What the bot said, as far as this person can see it now, wherever; from the first to the last. */
  seenBy(who: Who): Shown[];
  /** Whether the platform still means to tell the bot of something by itself. */
  owes(): boolean;
  /** Calls back after each change of what people see; gives how to stop. */
  onChange(listener: () => void): () => void;
  readonly faults: Faults;
  close(): Promise<void>;
}

export interface Words {
  /** `@ben` in it becomes a mention, as when a person picks Ben from the list that a client offers. */
  text: string;
  /** Ana, unless told. */
  who?: Who;
  /** The first room, unless told. */
  room?: string;
  /** In the thread under this, which begins with it where there was none. */
  thread?: Said;
  /** To the bot alone. */
  direct?: boolean;
  /** Calls the bot by its name. */
  mention?: boolean;
  files?: SentFile[];
}

export interface SentFile {
  name: string;
  type: string;
  content: Uint8Array;
}

/** What a person said, and what they can still do to it. */
export interface Said {
  /** The platform's own name for it. */
  readonly id: string;
  /** What the bot said to it, where an answer belongs: in its thread, as a reply to it, or in the direct conversation. */
  answers(): Shown[];
  /** What the bot put on it. */
  reactions(): string[];
  /** Rewords it; who called the bot by its name still does. */
  edit(text: string): Promise<void>;
  remove(): Promise<void>;
  /** Its author does; as Unicode. */
  react(emoji: string): Promise<void>;
  unreact(emoji: string): Promise<void>;
}

/** One message of the bot, as people see it now. */
export interface Shown {
  /** The platform's own name for it. */
  readonly id: string;
  /** The room, the thread, or the direct conversation. */
  readonly place: string;
  /** As people read it, without what only markup needs. */
  readonly text: string;
  /** What stands in spans and blocks of code. */
  readonly code: readonly string[];
  /** Its table, as this platform shows tables. */
  readonly table?: readonly (readonly string[])[];
  readonly files: readonly { name: string; bytes: Uint8Array }[];
  /** Shown to one person alone in a room of many. */
  readonly only: boolean;
  readonly edited: boolean;
}

/** What becomes of a call to the platform: see the fakes. */
export type { CallFault };

export interface Faults {
  /** The next calls that say something new. */
  posts(fault: CallFault, times?: number): Planned;
  /** The next calls, whatever they want. */
  calls(fault: CallFault, times?: number): Planned;
  /** The next things that the bot is told. */
  events(fault: "twice" | "late", times?: number): Planned;
  /** Every connection breaks, as networks do. */
  dropConnections(): void;
  /** The platform asks the bot to connect anew, if it does such a thing. */
  refresh(): void;
  /** What the platform knew of the connection is gone: nothing is repeated. */
  forget(): void;
  /** Nothing gets through until it ends. */
  outage(): { end(): void };
}

/** What a fake does at any time, and what differs from platform to platform. */
interface Faulty extends Pick<Faults, "events">, Partial<Pick<Faults, "refresh" | "forget">> {
  fake: { dropSockets(): void; outage(): { end(): void } };
  /** @param at.posts of the calls that say something new; of all unless told */
  plan: (at: { fault: CallFault; times: number; posts?: true }) => Planned;
}

/** A platform that asks nobody to connect anew, or remembers nothing of connections, only drops them. */
export function faultsOf({ fake, plan, ...own }: Faulty): Faults {
  const drop = () => fake.dropSockets();
  return {
    posts: (fault, times = 1) => plan({ fault, times, posts: true }),
    calls: (fault, times = 1) => plan({ fault, times }),
    dropConnections: drop,
    refresh: drop,
    forget: drop,
    outage: () => fake.outage(),
    ...own,
  };
}

export interface Planned {
  hits(): number;
  cancel(): void;
}

/** How the variables of an account begin. */
export function variablesOf(name: PlatformName, account?: string): string {
  return ["BELLHOP", name, ...(account === undefined ? [] : [account])].join("_").toUpperCase();
}

/** @throws where there is none */
export function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`there is no ${name} here`);
  return value;
}
