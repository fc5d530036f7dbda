import type { Member } from "@bellhop/contracts";

export type ProcessIdentity = NonNullable<Member["process"]>;

export interface JoinOptions {
  role: Member["role"];
  /** Made up when not given. A second process with the same id takes it over: the first one's membership is lost. */
  id?: string;
  lengthMs: number;
  renewalMs: number;
  /** Of a runner: whose requests it takes. */
  pools?: readonly string[];
  /** Of the lease by which a runner has sensors: the pools whose sensors it takes. */
  sensors?: readonly string[];
  /** This process, for others on this machine: `processIdentity()` of the service package. */
  process?: ProcessIdentity;
  /** Whether that process provably runs no more: `isGone` of the service package. */
  isGone?(identity: ProcessIdentity): boolean;
}

export interface MemberRef {
  id: string;
  epoch: string;
}

/** Something this member holds; give it to {@link Membership.release}. */
export interface Hold {
  what: string;
  revision: number;
}

/** A living place among the processes. No decision compares two machines' clocks. */
export interface Membership extends MemberRef {
  /** False once that member's lease is over, was given up, or its process is gone. */
  isAlive(member: string, epoch: string): boolean;
  /** Those alive now. */
  members(role?: Member["role"]): MemberRef[];
  /** Runners alive now that take requests of the pool, and those that do not say. */
  runnersOf(pool: string): MemberRef[];
  /** Those alive now that take sensors of the pool. */
  sensorRunnersOf(pool: string): MemberRef[];
  /** The length of its lease, in milliseconds: on several servers it may be longer than was asked for. */
  readonly lengthMs: number;
  /** Milliseconds since the last renewal was sent that NATS confirmed: for so long others may have counted. */
  silentMs(): number;
  /** Those of this role that are alive now and read what this program reads, or more; itself among them. */
  peers(): MemberRef[];
  /** Whether one of this role lives that reads more than this program: what may be held is theirs (docs/decisions/0016).
   *  @param pool of a runner: whether one lives that works for this pool */
  outdated(pool?: string): boolean;
  /** Takes `what` if it is free, its holder is over, or this member has it already; undefined when somebody else holds it. */
  hold(what: string): Promise<Hold | undefined>;
  release(hold: Hold): Promise<void>;
  /** The living holder, as last seen. */
  holder(what: string): MemberRef | undefined;
  /** All that living members hold and that begins so, as last seen. */
  held(prefix: string): string[];
  /** Called when a member comes or is over, and when a holding changes hands. @returns takes the listener away */
  onChange(listener: () => void): () => void;
  /** Resolves when this lease was not renewed for its length, or somebody took over the id: stop what depends on it. */
  readonly lost: Promise<void>;
  /** Gives everything back; the others see it at once. */
  leave(): Promise<void>;
}
