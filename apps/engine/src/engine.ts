import type { Bus, Membership } from "@bellhop/bus";
import type { Durations } from "@bellhop/contracts";
import type { NamedRoom } from "@bellhop/core";
import type { Keyring, Log, Telemetry } from "@bellhop/service";
import type { Knowledge } from "./knowledge.ts";
import type { Questions } from "./questions.ts";
import type { RunBook } from "./run-book.ts";

/** What every handler works with. */
export interface Engine {
  bus: Bus;
  book: RunBook;
  knowledge: Knowledge;
  questions: Questions;
  keyring: Keyring;
  membership: Membership;
  durations: Durations;
  /** Whether what commands print is shown while they work, where their alias does not say. */
  liveOutput: boolean;
  /** Rooms by the names that bellhop.yaml gives them. */
  rooms: ReadonlyMap<string, NamedRoom>;
  log: Log;
  telemetry: Telemetry;
}
