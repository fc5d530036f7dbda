import type { Bus } from "@bellhop/bus";
import type { Keyring, Log, Telemetry } from "@bellhop/service";
import type { Claimant } from "./attempts.ts";
import type { Desks } from "./desks.ts";
import type { Hand } from "./hand.ts";
import type { Journal } from "./journal.ts";
import type { PackConfigs } from "./pack-configs.ts";
import type { Packs } from "./packs.ts";
import type { Keeper } from "./process/keeper.ts";
import type { Workers } from "./process/workers.ts";
import type { Settling } from "./settling.ts";
import type { Slots } from "./slots.ts";

/** What every handler works with. */
export interface Runner {
  bus: Bus;
  /** This runner in its present life. */
  claimant(): Claimant;
  /** Resolves while the runner may claim: not out of contact. */
  mayClaim(): Promise<void>;
  hand: Hand;
  slots: Slots;
  /** Results that are on their way. */
  settling: Settling;
  journal: Journal;
  desks: Desks;
  packs: Packs;
  configs: PackConfigs;
  /** Whether what a command prints has to fit its `output_schema`. */
  checkOutput: boolean;
  /** Whether packs may have the values of the installation, or which may. */
  systemValues: boolean | readonly string[];
  /** How long requests wait for a pack version that can't be had. */
  packPatienceMs: number;
  keyring: Keyring;
  keeper: Keeper;
  workers: Workers;
  log: Log;
  telemetry: Telemetry;
}
