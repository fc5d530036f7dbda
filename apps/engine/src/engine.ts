import type { Bus, Membership } from "@bellhop/bus";
import type { Durations } from "@bellhop/contracts";
import type { NamedRoom } from "@bellhop/core";
import type { Keyring, Log, Telemetry } from "@bellhop/service";
import type { KnownDatastore } from "./knowledge/datastore.ts";
import type { Chains } from "./events/chains.ts";
import type { Gates } from "./gates/gates.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import type { Questions } from "./intake/questions.ts";
import type { RunBook } from "./runs/run-book.ts";
import type { KnownSchedules } from "./time/schedules.ts";

/** What every handler works with. */
export interface Engine {
  bus: Bus;
  book: RunBook;
  knowledge: Knowledge;
  questions: Questions;
  gates: Gates;
  chains: Chains;
  schedules: KnownSchedules;
  datastore: KnownDatastore;
  keyring: Keyring;
  membership: Membership;
  durations: Durations;
  /** Whether what commands print is shown while they work, where their alias does not say. */
  liveOutput: boolean;
  /** Whether what an action injects has to fit its trigger's schema. */
  checkTriggers: boolean;
  /** Rooms by the names that bellhop.yaml gives them. */
  rooms: ReadonlyMap<string, readonly NamedRoom[]>;
  /** Of the wall clock that people mean, where they name none. */
  timeZone: string;
  /** The address of a run's page, with `{run}` where its id belongs. */
  runPage?: string | undefined;
  log: Log;
  telemetry: Telemetry;
}
